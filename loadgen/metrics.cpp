#include "loadgen/metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace contend::loadgen {
namespace {

struct Quantile {
  const char* name;
  double q;
};

constexpr std::array reported{Quantile{"p50", 0.5}, Quantile{"p90", 0.9}, Quantile{"p99", 0.99},
                              Quantile{"p999", 0.999}};

Metric count(std::string name, std::uint64_t value, Better better = Better::neither) {
  return {.name = std::move(name), .value = static_cast<double>(value), .better = better};
}

Metric time(std::string name, std::int64_t value) {
  return {.name = std::move(name),
          .value = static_cast<double>(value),
          .unit = "ns",
          .better = Better::lower};
}

Metric quantile(std::string name, const Histogram& histogram, double q) {
  Metric metric{.name = std::move(name), .unit = "ns", .better = Better::lower};
  const std::uint64_t needed = samples_needed(q);
  if (histogram.count() >= needed) {
    metric.value = static_cast<double>(histogram.quantile(q));
  } else {
    metric.why = fmt::format("n/a (needs {} samples, has {})", needed, histogram.count());
  }
  return metric;
}

Metric throughput(const Tally& tally) {
  Metric metric{.name = "throughput_per_second", .unit = "messages/s", .better = Better::higher};
  const double seconds = static_cast<double>(tally.busy().count()) / 1e9;
  if (tally.answered > 0 && seconds > 0) {
    metric.value = static_cast<double>(tally.answered) / seconds;
  } else {
    metric.why = "nothing was answered";
  }
  return metric;
}

void add_clients(const Tally& tally, std::vector<Metric>& metrics) {
  const auto served = std::ranges::count(tally.first_answers, true, &FirstAnswer::served);
  const auto all = static_cast<std::int64_t>(tally.first_answers.size());
  Nanoseconds longest{0};
  for (const FirstAnswer& each : tally.first_answers) longest = std::max(longest, each.wait);
  metrics.push_back(count("clients_served", static_cast<std::uint64_t>(served), Better::higher));
  metrics.push_back(
      count("clients_starved", static_cast<std::uint64_t>(all - served), Better::lower));
  metrics.push_back(time("longest_wait_ns", longest.count()));
}

void add_quantiles(const std::string& name, const Histogram& histogram,
                   std::vector<Metric>& metrics) {
  for (Metric& metric : quantiles(name, histogram)) metrics.push_back(std::move(metric));
}

}  // namespace

std::uint64_t samples_needed(double q) {
  // Order statistics: the interval ends at rank n·q + 1.96·√(n·q·(1−q)) + 1, which must be a
  // sample. With x = n·(1−q) and q near 1 that is x ≥ 1.96·√x + 1, so x ≥ 5.6651.
  return static_cast<std::uint64_t>(std::ceil(5.6651 / std::min(q, 1 - q)));
}

std::vector<Metric> quantiles(const std::string& name, const Histogram& histogram) {
  std::vector<Metric> metrics;
  for (const auto& [suffix, q] : reported) {
    metrics.push_back(quantile(fmt::format("{}_{}_ns", name, suffix), histogram, q));
  }
  Metric longest = time(name + "_max_ns", histogram.max());
  if (histogram.count() == 0) {
    longest.value.reset();
    longest.why = "n/a (needs 1 samples, has 0)";
  }
  metrics.push_back(longest);
  return metrics;
}

std::vector<Metric> metrics_of(const Plan& plan, const Run& run) {
  const Tally& tally = run.tally;
  std::vector<Metric> metrics{
      count("messages_planned", tally.planned),
      count("messages_sent", tally.sent),
      count("messages_unsent", tally.planned - tally.sent),
      count("messages_answered", tally.answered, Better::higher),
      count("messages_failed", tally.failed, Better::lower),
      count("messages_unfinished", tally.unfinished, Better::lower),
      count("errors_total", tally.errors.total(), Better::lower),
  };
  Metric sent = count("bytes_sent", tally.bytes_sent);
  Metric verified = count("bytes_verified", plan.verify ? tally.bytes_verified : 0);
  sent.unit = verified.unit = "bytes";
  metrics.push_back(sent);
  metrics.push_back(verified);
  metrics.push_back(throughput(tally));
  add_clients(tally, metrics);
  metrics.push_back(
      {.name = "generator_cpu_ratio", .value = tally.busiest_thread, .better = Better::lower});
  metrics.push_back(count("connections", tally.connections));
  metrics.push_back(count("connections_replaced", tally.replaced, Better::lower));
  for (const Cause cause : all_causes()) {
    metrics.push_back(
        count(fmt::format("errors_{}", name_of(cause)), tally.errors[cause], Better::lower));
  }
  add_quantiles("intended", tally.intended, metrics);
  add_quantiles("service", tally.service, metrics);
  if (plan.rate) add_quantiles("lag", tally.lag, metrics);
  metrics.push_back(quantile("connect_p99_ns", tally.connect, 0.99));
  return metrics;
}

}  // namespace contend::loadgen
