// Which descriptors are two ends of the same thing: what is written to one happens before it is
// read from the other, and nothing else is ordered by it.
#pragma once

#include <cstdint>

namespace contend::explore {

/// What can be waited for: pipes, sockets and what the kernel keeps without a file. Reading a file
/// or a terminal is not.
bool can_wait(int descriptor);

/// The objects whose clocks carry the order: released by a write, acquired by a read.
std::uint64_t written_channel(int descriptor);
std::uint64_t read_channel(int descriptor);

/// Where a connection meets the one who accepts it, as seen from either.
std::uint64_t listener_channel(int descriptor);
std::uint64_t dialled_channel(const void* address, std::uint32_t size);

/// The two descriptors are each other's other end.
void pair_descriptors(int a, int b);

/// Whether it was open before control began, so that its other end is somebody else's.
bool is_inherited(int descriptor);

/// Once, before the first execution; the two are the explorer's own and closed in each execution.
void note_inherited_descriptors(int memory, int commands);

}  // namespace contend::explore
