// The latency histograms as a log that HdrHistogram's own tools read (histogram log format 1.3).
#pragma once

#include <string>

#include "core/report.hpp"

#include "loadgen/plan.hpp"

namespace contend::loadgen {

/// One tagged line a histogram: intended, service and, for an open loop, lag. Values in
/// nanoseconds; the log's own maximum is in milliseconds, as is the custom.
std::string hdr_log(const Plan& plan, const Case& result, const std::string& started_utc);

}  // namespace contend::loadgen
