// How sure a quantile is: its 95 % interval, from order statistics over the effective sample size.
#pragma once

#include <string>
#include <vector>

#include "core/histogram.hpp"
#include "core/report.hpp"

#include "loadgen/timeline.hpp"

namespace contend::loadgen {

/// NAME_p50_low_ns and NAME_p50_high_ns, the same for p90, p99 and p999: between them the quantile
/// lies in 95 of 100 runs like this one. An end beyond the samples has no value. Answers that came
/// together are slow together: that widens the interval by what `timeline` says.
std::vector<Metric> quantile_intervals(const std::string& name, const Histogram& histogram,
                                       const Timeline& timeline);

/// "effective_samples": how many independent answers this run's are worth at the 99th percentile.
Metric effective_samples(const Histogram& histogram, const Timeline& timeline);

}  // namespace contend::loadgen
