// OpenMetrics text: for Prometheus' text collectors and GitLab's metrics report.
#pragma once

#include <string>

#include "core/report.hpp"

namespace contend::ci {

/// A gauge family for each metric name, labelled with the case; times in seconds, as the format
/// asks; contend_verdict from 0 (skipped) to 4 (errored).
std::string render_openmetrics(const Report& report);

}  // namespace contend::ci
