// The numbers of a run under the names that the report promises.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/histogram.hpp"
#include "core/report.hpp"

#include "loadgen/plan.hpp"
#include "loadgen/run.hpp"

namespace contend::loadgen {

std::vector<Metric> metrics_of(const Plan& plan, const Run& run);

/// NAME_p50_ns … NAME_p999_ns and NAME_max_ns. A quantile that the samples cannot carry has no
/// value, and says how many it needs.
std::vector<Metric> quantiles(const std::string& name, const Histogram& histogram);

/// How many samples a two-sided 95 % interval of the quantile q needs: its upper end must lie
/// within them. 567 for the 99th percentile.
std::uint64_t samples_needed(double q);

}  // namespace contend::loadgen
