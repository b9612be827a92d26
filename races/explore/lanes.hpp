// A schedule as people read it: one column a thread, one line a step, the preemptions marked.
#pragma once

#include <span>
#include <string>

#include "races/explore/protocol.hpp"
#include "races/explore/symbols.hpp"

namespace contend::explore {

/// Lines of text, from the first thread's birth, at most the last `most` steps; equal ones in a row
/// once. `>` marks a step before which the running thread
/// was preempted. Threads beyond the sixth share the last column, with their names.
std::string draw_lanes(std::span<const Event> events, std::span<const Choice> choices,
                       Symbols& symbols, std::size_t most = 60);

}  // namespace contend::explore
