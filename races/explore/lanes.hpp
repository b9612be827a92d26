// A schedule as people read it: one column a thread, one line a step, the preemptions marked.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/report.hpp"
#include "core/sanitizer_fingerprint.hpp"

#include "races/explore/protocol.hpp"
#include "races/explore/symbols.hpp"

namespace contend::explore {

/// From the first thread's birth. Of more than `most` steps the first and the last are there, and
/// between them those at which somebody was interrupted first, each with the step before it;
/// remarks say how many are left out. Equal ones in a row once.
std::vector<LaneStep> lanes_of(std::span<const Event> events, std::span<const Choice> choices,
                               Symbols& symbols, SourceLines& sources, std::size_t most = 60);

/// Lines of text for a terminal: a column a thread, then the source line. `>` marks a step for
/// which a thread that could go on was interrupted. Threads beyond the sixth share the last column,
/// with their names.
std::string draw_lanes(const std::vector<LaneStep>& lanes);

}  // namespace contend::explore
