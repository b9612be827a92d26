#include "loadgen/confidence.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "core/quantile_metrics.hpp"

namespace contend::loadgen {
namespace {

constexpr double normal_95 = 1.96;

Metric end_of(std::string name, const Histogram& histogram, double rank) {
  Metric metric{.name = std::move(name), .unit = "ns", .better = Better::neither};
  if (rank >= 1 && rank <= static_cast<double>(histogram.count())) {
    metric.value = static_cast<double>(histogram.value_at_rank(static_cast<std::uint64_t>(rank)));
  } else {
    metric.why = "beyond the samples";
  }
  return metric;
}

}  // namespace

std::vector<Metric> quantile_intervals(const std::string& name, const Histogram& histogram,
                                       const Timeline& timeline) {
  std::vector<Metric> metrics;
  const auto samples = static_cast<double>(histogram.count());
  for (const Quantile& each : reported_quantiles) {
    const double q = each.q;
    const double half = normal_95 * std::sqrt(samples * q * (1 - q) * timeline.dispersion(q));
    metrics.push_back(end_of(fmt::format("{}_{}_low_ns", name, each.name), histogram,
                             std::floor(samples * q - half)));
    metrics.push_back(end_of(fmt::format("{}_{}_high_ns", name, each.name), histogram,
                             std::ceil(samples * q + half) + 1));
  }
  return metrics;
}

Metric effective_samples(const Histogram& histogram, const Timeline& timeline) {
  return {.name = "effective_samples",
          .value = std::floor(static_cast<double>(histogram.count()) / timeline.dispersion(0.99)),
          .better = Better::higher};
}

}  // namespace contend::loadgen
