#include "loadgen/metrics.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/confidence.hpp"
#include "core/shard_warm_up.hpp"

#include "loadgen/observer.hpp"
#include "loadgen/self_check.hpp"

namespace contend::loadgen {
namespace {

Metric count(std::string name, std::uint64_t value, Better better = Better::neither) {
  return {.name = std::move(name), .value = static_cast<double>(value), .better = better};
}

Metric time(std::string name, std::int64_t value) {
  return {.name = std::move(name),
          .value = static_cast<double>(value),
          .unit = "ns",
          .better = Better::lower};
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

/// For putting the parts of a plan together: one clock's times mean nothing to another.
void add_times(const Run& run, std::vector<Metric>& metrics) {
  const Tally& tally = run.tally;
  Metric first{.name = "first_sent_after_start_ns", .unit = "ns"};
  Metric last{.name = "last_answer_after_start_ns", .unit = "ns"};
  if (tally.sent > 0) {
    first.value = static_cast<double>(Nanoseconds(tally.first_sent - run.origin).count());
  } else {
    first.why = "nothing was sent";
  }
  if (tally.answered > 0) {
    last.value = static_cast<double>(Nanoseconds(tally.last_answer - run.origin).count());
  } else {
    last.why = "nothing was answered";
  }
  metrics.push_back(first);
  metrics.push_back(last);
}

void add_clients(const Tally& tally, std::vector<Metric>& metrics) {
  const auto served = std::ranges::count(tally.first_answers, true, &FirstAnswer::served);
  const auto all = static_cast<std::int64_t>(tally.first_answers.size());
  Nanoseconds longest{0};
  for (const FirstAnswer& each : tally.first_answers) longest = std::max(longest, each.wait);
  metrics.push_back(count("clients_served", static_cast<std::uint64_t>(served), Better::higher));
  metrics.push_back(
      count("clients_starved", static_cast<std::uint64_t>(all - served), Better::lower));
  metrics.push_back(count("clients_unconnected", tally.unconnected, Better::lower));
  metrics.push_back(time("longest_wait_ns", longest.count()));
}

void add_quantiles(const std::string& name, const Histogram& histogram,
                   std::vector<Metric>& metrics) {
  for (Metric& metric : quantile_metrics(name, histogram)) metrics.push_back(std::move(metric));
}

/// A part of a plan leaves nothing out by itself; those who put the parts together do.
void add_warm_up(const Plan& plan, const Run& run, std::vector<Metric>& metrics) {
  const std::vector<Metric> own = warm_up_metrics(run.warmup, run.stationary);
  metrics.insert(metrics.end(), own.begin(), plan.is_part() ? own.begin() + 1 : own.end());
  for (std::size_t i = 0; i < run.beginnings.size(); ++i) {
    metrics.push_back(time(beginning_length(i + 1), run.beginnings[i].length.count()));
  }
}

/// The short account of a part of the clients; `prefix` ends in an underscore.
void add_part(const std::string& prefix, const Tally& tally, std::vector<Metric>& metrics) {
  const auto add = [&](const char* name, std::uint64_t value, Better better = Better::neither) {
    metrics.push_back(count(prefix + name, value, better));
  };
  add("connections", tally.connections);
  add("messages_sent", tally.sent);
  add("messages_answered", tally.answered, Better::higher);
  add("messages_failed", tally.failed, Better::lower);
  add("messages_unfinished", tally.unfinished, Better::lower);
  add("errors_total", tally.errors.total(), Better::lower);
  add_quantiles(prefix + "service", tally.service, metrics);
}

}  // namespace

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
  if (plan.is_part()) add_times(run, metrics);
  add_clients(tally, metrics);
  metrics.push_back(
      {.name = "generator_cpu_ratio", .value = tally.busiest_thread, .better = Better::lower});
  metrics.push_back({.name = "generator_wait_ratio",
                     .value = tally.longest_wait_for_core,
                     .better = Better::lower});
  metrics.push_back({.name = "in_flight_mean", .value = mean_in_flight(run)});
  add_warm_up(plan, run, metrics);
  metrics.push_back(count("connections", tally.connections));
  metrics.push_back(count("connections_replaced", tally.replaced, Better::lower));
  if (plan.speaks_udp()) {
    metrics.push_back(count("datagrams_reordered", tally.datagrams_reordered, Better::lower));
    metrics.push_back(count("datagrams_late", tally.datagrams_late, Better::lower));
  }
  for (const Cause cause : all_causes()) {
    metrics.push_back(
        count(fmt::format("errors_{}", name_of(cause)), tally.errors[cause], Better::lower));
  }
  add_quantiles("intended", tally.intended, metrics);
  add_quantiles("service", tally.service, metrics);
  if (plan.rate) add_quantiles("lag", tally.lag, metrics);
  for (Metric& each : confidence_metrics(tally.intended, tally.timeline.series())) {
    metrics.push_back(std::move(each));
  }
  metrics.push_back(quantile_metric("connect_p99_ns", tally.connect, 0.99));
  const std::vector<std::string> parts = plan.parts();
  const bool one_target = plan.destinations.size() == 1;
  for (std::size_t i = one_target ? 1 : 0; i < parts.size(); ++i) {
    add_part(parts[i], i < run.parts.size() ? run.parts[i] : Tally{}, metrics);
  }
  if (!plan.rude.empty()) {
    add_quantiles("alone", run.alone.intended, metrics);
    add_quantiles("beside", difference(tally.intended, run.alone.intended), metrics);
  }
  return metrics;
}

}  // namespace contend::loadgen
