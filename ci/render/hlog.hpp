// An HdrHistogram log, which its implementations in other languages and their plotters read.
#pragma once

#include <string>

#include "core/report.hpp"

namespace contend::ci {

/// One line for each distribution of each case, tagged "ID/NAME"; the interval is the whole case.
/// The greatest value is in milliseconds, as readers expect of nanosecond histograms.
std::string render_hlog(const Report& report);

}  // namespace contend::ci
