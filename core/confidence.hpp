// How sure the latencies of a run are, from order statistics over the effective sample size. Read
// from nothing but what a report carries, so that the parts of a plan, added up, are as sure as one
// process that saw all.
#pragma once

#include <string_view>
#include <vector>

#include "core/histogram.hpp"
#include "core/report.hpp"

namespace contend {

/// The distribution of the answers that the series of latency bands count.
inline constexpr std::string_view counted_over_time = "intended";

/// intended_p50_low_ns and intended_p50_high_ns, the same for the other reported quantiles: between
/// them the quantile lies in 95 of 100 runs like this one. An end beyond the samples has no value.
/// Answers that came together are slow together: that widens the interval by what `series` (a run's
/// latency bands, see core/latency_bands.hpp) says. Last effective_samples: how many independent
/// answers this run's are worth at the 99th percentile. Where `series` counts no answer, nothing is
/// claimed of those in `intended`.
std::vector<Metric> confidence_metrics(const Histogram& intended,
                                       const std::vector<Series>& series);

}  // namespace contend
