// A process that becomes again what it was: an execution that left nothing behind but its own
// memory need not be the last of its process, and giving the memory back is far cheaper than a
// fork. What the executions of a program share with its server (arena.hpp) stays as it is.
#pragma once

namespace contend::explore {

/// Keeps the memory of this process as it is now, stacks included. False: it has too much, and
/// nothing is kept. Returns once more, and true, after each bring_back().
bool keep_memory();

/// False after an execution whose memory is more than was kept: the first stack has grown.
bool can_bring_back();

/// From any fiber.
[[noreturn]] void bring_back();

}  // namespace contend::explore
