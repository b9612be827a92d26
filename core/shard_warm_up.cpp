#include "core/shard_warm_up.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/latency_bands.hpp"
#include "core/warm_up.hpp"

namespace contend {
namespace {

constexpr std::string_view prefix = "beginning";
constexpr std::string_view cut_name = "warmup_cut_ns";

/// The largest of what the parts say; none where one of them does not.
std::optional<Nanoseconds> said_by_all(const std::vector<Report>& parts, std::string_view name) {
  Nanoseconds most{0};
  for (const Report& part : parts) {
    const Metric* metric = find_metric(part.cases.front(), name);
    if (metric == nullptr || !metric->value) return std::nullopt;
    most = std::max(most, Nanoseconds(std::llround(*metric->value)));
  }
  return most;
}

/// The mean latency of each whole interval, as loadgen's timeline has it; where no answer came,
/// that of the one before, and no_mean before the first.
std::vector<double> means_of(const std::vector<Series>& series, double width) {
  const auto rate = std::ranges::find(series, "throughput_per_second", &Series::name);
  const auto mean = std::ranges::find(series, "latency_mean_ns", &Series::name);
  std::vector<double> all;
  if (rate == series.end() || mean == series.end() || rate->points.empty()) return all;
  const double last = rate->points.back().t + width / 2;
  auto next = mean->points.begin();
  for (std::size_t i = 0; static_cast<double>(i) * width < last; ++i) {
    const double until = (static_cast<double>(i) + 0.5) * width;
    if (next != mean->points.end() && next->t < until) {
      all.push_back((next++)->value);
    } else {
      all.push_back(all.empty() ? no_mean : all.back());
    }
  }
  return all;
}

}  // namespace

std::string beginning_length(std::size_t number) {
  return fmt::format("{}{}_ns", prefix, number);
}

std::string beginning_of(std::string_view name, std::size_t number) {
  return fmt::format("{}{}_{}", prefix, number, name);
}

bool is_beginning(std::string_view name) {
  return name.starts_with(prefix);
}

std::vector<Metric> warm_up_metrics(Nanoseconds cut, std::optional<bool> stationary) {
  Metric level{.name = "stationary", .better = Better::higher};
  if (stationary) {
    level.value = *stationary ? 1 : 0;
  } else {
    level.why = "too short to say";
  }
  return {{.name = std::string(cut_name),
           .value = static_cast<double>(cut.count()),
           .unit = "ns",
           .better = Better::lower},
          level};
}

std::vector<Metric> leave_warm_up_out(const std::vector<Report>& parts,
                                      const std::vector<Series>& series,
                                      std::map<std::string, Histogram, std::less<>>& histograms) {
  const auto unrecorded = said_by_all(parts, cut_name);
  std::vector<Nanoseconds> beginnings;
  while (const auto length = said_by_all(parts, beginning_length(beginnings.size() + 1))) {
    beginnings.push_back(*length);
  }
  const double width = interval_width(series);
  const LeftOut left_out =
      choose_beginning(beginnings, unrecorded.value_or(Nanoseconds{0}), means_of(series, width),
                       Nanoseconds(std::llround(width * 1e9)));
  for (auto& [name, histogram] : histograms) {
    if (!left_out.which) break;
    const auto beginning = histograms.find(beginning_of(name, *left_out.which + 1));
    if (beginning != histograms.end()) histogram = difference(histogram, beginning->second);
  }
  std::erase_if(histograms, [](const auto& each) { return is_beginning(each.first); });
  if (!unrecorded) return {};
  return warm_up_metrics(left_out.length, left_out.stationary);
}

}  // namespace contend
