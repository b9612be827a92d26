#include "core/quantile_metrics.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace contend {

std::uint64_t samples_needed(double q) {
  // Order statistics: the interval ends at rank n·q + 1.96·√(n·q·(1−q)) + 1, which must be a
  // sample. With x = n·(1−q) and q near 1 that is x ≥ 1.96·√x + 1, so x ≥ 5.6651.
  return static_cast<std::uint64_t>(std::ceil(5.6651 / std::min(q, 1 - q)));
}

std::uint64_t samples_needed(std::string_view metric) {
  for (const Quantile& each : reported_quantiles) {
    if (metric.ends_with(fmt::format("_{}_ns", each.name))) return samples_needed(each.q);
  }
  return 0;
}

Metric quantile_metric(std::string name, const Histogram& histogram, double q) {
  Metric metric{.name = std::move(name), .unit = "ns", .better = Better::lower};
  const std::uint64_t needed = samples_needed(q);
  if (histogram.count() >= needed) {
    metric.value = static_cast<double>(histogram.quantile(q));
  } else {
    metric.why = fmt::format("n/a (needs {} samples, has {})", needed, histogram.count());
  }
  return metric;
}

std::vector<Metric> quantile_metrics(const std::string& name, const Histogram& histogram) {
  std::vector<Metric> metrics;
  metrics.reserve(reported_quantiles.size() + 1);
  for (const Quantile& each : reported_quantiles) {
    metrics.push_back(quantile_metric(fmt::format("{}_{}_ns", name, each.name), histogram, each.q));
  }
  Metric longest{.name = name + "_max_ns", .unit = "ns", .better = Better::lower};
  if (histogram.count() > 0) {
    longest.value = static_cast<double>(histogram.max());
  } else {
    longest.why = "n/a (needs 1 samples, has 0)";
  }
  metrics.push_back(longest);
  return metrics;
}

}  // namespace contend
