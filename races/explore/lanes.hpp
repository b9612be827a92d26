// A schedule as people read it: one column a thread, one line a step, the preemptions marked.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/report.hpp"
#include "core/sanitizer_fingerprint.hpp"

#include "races/explore/protocol.hpp"
#include "races/explore/symbols.hpp"
#include "races/explore/target.hpp"

namespace contend::explore {

/// From the first thread's birth. Of more than `most` steps the first and the last are there, and
/// between them those at which somebody was interrupted first, each with the step before it;
/// remarks say how many are left out. Equal ones in a row once, with how many.
std::vector<LaneStep> lanes_of(std::span<const Event> events, std::span<const Choice> choices,
                               Symbols& symbols, SourceLines& sources, std::size_t most = 60);

/// Where it ended: of a deadlock each thread that cannot go on, of a crash the one that crashed;
/// else none.
std::vector<LaneStep> last_lanes_of(const Execution& execution, Symbols& symbols,
                                    SourceLines& sources);

/// Lines of text for a terminal: a column a thread, then the source line. `>` marks a step for
/// which a thread that could go on was interrupted. Threads beyond the sixth share the last column,
/// with their names.
std::string draw_lanes(const std::vector<LaneStep>& lanes);

}  // namespace contend::explore
