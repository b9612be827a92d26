// The parts of a case as plain text, for the formats whose blocks are plain text. Not escaped: that
// is the business of the format they are put into.
#pragma once

#include <string>

#include "core/report.hpp"

namespace contend::ci {

/// "loadgen" of "loadgen/coroutine/c100": what cases are grouped by.
std::string room_of(const Case& of);

/// "function file:line", as much of it as there is.
std::string frame_text(const Frame& frame);

/// Rule, message and every stack with its label. Ends in a newline.
std::string finding_text(const Finding& finding);

/// One line an outcome: count, grade, what was seen, why. Empty where there are none.
std::string outcomes_text(const Case& of);

/// The exact value in digits, or "n/a" with the reason.
std::string metric_value(const Metric& metric);

}  // namespace contend::ci
