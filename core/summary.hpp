// The report on a terminal: verdict first, then one line a case.
#pragma once

#include <cstdio>
#include <string>

#include "core/report.hpp"

namespace contend {

/// Ends in a newline. Colours only with `colour`.
std::string summary(const Report& report, bool colour);

/// Whether colour belongs on `stream`: a terminal, no NO_COLOR, TERM not dumb.
bool wants_colour(std::FILE* stream);

/// Counts of each verdict that occurs, worst first: "1 failed, 12 passed".
std::string count_verdicts(const Report& report);

}  // namespace contend
