#include "core/shard_figures.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "core/confidence.hpp"
#include "core/histogram_codec.hpp"
#include "core/quantile_metrics.hpp"
#include "core/shard_warm_up.hpp"
#include "core/shards.hpp"

namespace contend {
namespace {

using Histograms = std::map<std::string, Histogram, std::less<>>;

// When a part's first message went out and its last answer came, counted from the start that all
// agreed on.
constexpr std::string_view first_sent = "first_sent_after_start_ns";
constexpr std::string_view last_answer = "last_answer_after_start_ns";

// What is said of each rank.
constexpr std::array<std::string_view, 8> of_ranks{
    "messages_planned", "messages_sent", "messages_answered",   "errors_total",
    "intended_p99_ns",  "lag_p99_ns",    "generator_cpu_ratio", first_sent};

/// All parts watch one server, if any does.
bool is_maximum(std::string_view name) {
  return name.starts_with("server_") || name.ends_with("_ratio") || name.ends_with("_max_ns") ||
         name == "longest_wait_ns" || name == last_answer;
}

std::optional<double> value_of(const Report& part, std::string_view name) {
  const Metric* metric = find_metric(part.cases.front(), name);
  return metric == nullptr ? std::nullopt : metric->value;
}

/// The sum of what parts have, or the largest or the least of it; none if no part has any.
template <class Fold>
std::optional<double> folded(const std::vector<Report>& parts, std::string_view name, Fold fold) {
  std::optional<double> all;
  for (const Report& part : parts) {
    const auto value = value_of(part, name);
    if (value) all = all ? fold(*all, *value) : *value;
  }
  return all;
}

double least(double one, double other) {
  return std::min(one, other);
}
double largest(double one, double other) {
  return std::max(one, other);
}

/// The quantile that a metric ends in, of NAME_p999_ns 0.999.
std::optional<double> quantile_in(std::string_view suffix) {
  for (const Quantile& each : reported_quantiles) {
    if (suffix == fmt::format("_{}_ns", each.name)) return each.q;
  }
  return std::nullopt;
}

/// The metric taken from the histogram that its name starts with, if it is one of those.
std::optional<Metric> from_histogram(const Metric& metric, const Histograms& histograms) {
  for (const auto& [name, histogram] : histograms) {
    if (!metric.name.starts_with(name)) continue;
    const std::string_view suffix = std::string_view(metric.name).substr(name.size());
    if (suffix == "_max_ns") {
      Metric longest = metric;
      longest.value.reset();
      if (histogram.count() > 0) {
        longest.value = static_cast<double>(histogram.max());
        longest.why.reset();
      }
      return longest;
    }
    if (const auto q = quantile_in(suffix)) return quantile_metric(metric.name, histogram, *q);
  }
  return std::nullopt;
}

void set(Metric& metric, std::optional<double> value) {
  metric.value = value;
  if (value) metric.why.reset();
}

std::optional<double> throughput(const std::vector<Report>& parts) {
  const auto answered = folded(parts, "messages_answered", std::plus<>());
  const auto from = folded(parts, first_sent, least);
  const auto to = folded(parts, last_answer, largest);
  if (!answered || *answered == 0 || !from || !to || *to <= *from) return std::nullopt;
  return *answered * 1e9 / (*to - *from);
}

Metric of_whole(const Metric& metric, const std::vector<Report>& parts,
                const Histograms& histograms, const std::vector<Metric>& confidence) {
  if (auto quantile = from_histogram(metric, histograms)) return *quantile;
  const auto sure = std::ranges::find(confidence, metric.name, &Metric::name);
  if (sure != confidence.end()) return *sure;
  Metric all = metric;
  const std::size_t suffix = metric.name.rfind("_p");
  if (suffix != std::string::npos && quantile_in(std::string_view(metric.name).substr(suffix))) {
    // Quantiles of parts make no quantile of the whole.
    all.value.reset();
    all.why = "n/a (the ranks kept no histogram of it)";
  } else if (metric.name == "throughput_per_second") {
    set(all, throughput(parts));
  } else if (metric.name == first_sent) {
    set(all, folded(parts, metric.name, least));
  } else if (is_maximum(metric.name)) {
    set(all, folded(parts, metric.name, largest));
  } else {
    set(all, folded(parts, metric.name, std::plus<>()));
  }
  return all;
}

void add_ranks(const std::vector<Report>& parts, std::vector<Metric>& metrics) {
  for (const Report& part : parts) {
    for (const std::string_view name : of_ranks) {
      const Metric* found = find_metric(part.cases.front(), name);
      if (found == nullptr) continue;
      Metric metric = *found;
      metric.name = fmt::format("rank{}_{}", shard_of(part)->index, name);
      metric.better = Better::neither;
      metrics.push_back(std::move(metric));
    }
  }
}

/// How far apart the parts began: of a load that is to be one, that is part of the truth.
void add_spread(const std::vector<Report>& parts, std::vector<Metric>& metrics) {
  const auto from = folded(parts, first_sent, least);
  const auto to = folded(parts, first_sent, largest);
  if (!from || !to) return;
  metrics.push_back({.name = "start_spread_ns", .value = *to - *from, .unit = "ns"});
}

}  // namespace

Expected<void> add_figures(const std::vector<Report>& parts, Case& whole) {
  Histograms histograms;
  std::vector<std::string> order;
  for (const Report& part : parts) {
    for (const Distribution& each : part.cases.front().distributions) {
      const auto [place, fresh] = histograms.try_emplace(each.name);
      if (fresh) order.push_back(each.name);
      if (const auto added = add_distribution(each, place->second); !added) {
        return world_error(fmt::format("{} of rank {}: {}", each.name, shard_of(part)->index,
                                       added.error().message));
      }
    }
  }
  const std::vector<Metric> warm_up = leave_warm_up_out(parts, whole.series, histograms);
  std::erase_if(order, [&](const std::string& name) { return !histograms.contains(name); });
  whole.distributions.clear();
  for (const std::string& name : order) {
    whole.distributions.push_back(to_distribution(name, histograms.at(name)));
  }
  const auto counted = histograms.find(counted_over_time);
  const std::vector<Metric> confidence =
      confidence_metrics(counted == histograms.end() ? Histogram() : counted->second, whole.series);
  std::vector<Metric> metrics;
  for (const Report& part : parts) {
    for (const Metric& metric : part.cases.front().metrics) {
      const auto is_it = [&](const Metric& other) { return other.name == metric.name; };
      const bool known = is_beginning(metric.name) || std::ranges::any_of(warm_up, is_it) ||
                         std::ranges::any_of(metrics, is_it);
      if (!known) metrics.push_back(of_whole(metric, parts, histograms, confidence));
    }
  }
  metrics.insert(metrics.end(), warm_up.begin(), warm_up.end());
  add_spread(parts, metrics);
  add_ranks(parts, metrics);
  whole.metrics = std::move(metrics);
  return {};
}

}  // namespace contend
