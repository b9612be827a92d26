// Quantiles of a histogram as metrics of a report; none where the samples cannot carry it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/histogram.hpp"
#include "core/report.hpp"

namespace contend {

struct Quantile {
  std::string_view name;   ///< within the name of a metric: "p999"
  std::string_view title;  ///< for people: "p99.9"
  double q;
};

/// Those that a report speaks of, the median first.
inline constexpr std::array reported_quantiles{
    Quantile{"p50", "p50", 0.5}, Quantile{"p90", "p90", 0.9}, Quantile{"p99", "p99", 0.99},
    Quantile{"p999", "p99.9", 0.999}};

/// NAME_p50_ns and so on, and NAME_max_ns. A quantile that the samples cannot carry has no value,
/// and says how many it needs.
std::vector<Metric> quantile_metrics(const std::string& name, const Histogram& histogram);

/// One of them, under this very name. q in (0, 1).
Metric quantile_metric(std::string name, const Histogram& histogram, double q);

/// How many samples a two-sided 95 % interval of the quantile q needs: its upper end must lie
/// within them. 567 for the 99th percentile.
std::uint64_t samples_needed(double q);
/// The same for a metric by its name, 0 where it is no quantile.
std::uint64_t samples_needed(std::string_view metric);

}  // namespace contend
