#include "core/confidence.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "core/latency_bands.hpp"
#include "core/quantile_metrics.hpp"

namespace contend {
namespace {

constexpr double normal_95 = 1.96;
// Of the run: long enough that one hardly depends on the next, and enough of them to see how they
// vary.
constexpr std::size_t most_batches = 20;
// Counts smaller than this vary by chance more than the measure allows for.
constexpr double fewest_slow = 20;

/// How many answers took how long in which part of the run. What a report from outside may hold
/// (negative times or counts) is left out.
class AnswersOverTime {
 public:
  explicit AnswersOverTime(const std::vector<Series>& series) : width_(interval_width(series)) {
    for (const Series& each : series) {
      const auto band = latency_band(each);
      if (!band) continue;
      bands_.push_back({.from = band->from, .points = {}});
      for (const Point& point : each.points) {
        if (point.t < 0 || point.value <= 0) continue;
        bands_.back().points.push_back(point);
        bands_.back().answers += point.value;
        last_ = std::max(last_, interval_at(point.t));
      }
      answers_ += bands_.back().answers;
    }
    std::ranges::sort(bands_, {}, &Band::from);
  }

  bool empty() const { return answers_ <= 0; }

  /// How many times more the share of slow answers varies from one twentieth of the run to the next
  /// than it would if answers were independent (Pearson's dispersion of counts), for the slowest 1
  /// - q of them; at least 1. So many answers are worth one independent sample.
  double dispersion(double q) const {
    const std::size_t tail = tail_band(q);
    if (tail == bands_.size()) return 1;  // all alike, or too few to see how they vary
    double slow = 0;
    const std::array<Batch, most_batches> all = batches(tail);
    for (const Batch& each : all) slow += each.slow;
    const double share = slow / answers_;
    double squares = 0;
    double used = 0;
    for (const Batch& each : all) {
      if (each.answers <= 0) continue;
      const double expected = each.answers * share;
      squares += (each.slow - expected) * (each.slow - expected) / (expected * (1 - share));
      ++used;
    }
    return used < 2 ? 1 : std::max(1.0, squares / (used - 1));
  }

 private:
  struct Band {
    std::int64_t from = 0;
    std::vector<Point> points;
    double answers = 0;
  };
  struct Batch {
    double answers = 0;
    double slow = 0;
  };

  double interval_at(double t) const { return width_ > 0 ? std::round(t / width_) : 0; }

  /// Adjacent intervals together: how many answers, and how many of them in this band or a slower
  /// one.
  std::array<Batch, most_batches> batches(std::size_t from_band) const {
    const double intervals = std::ceil((last_ + 1) / static_cast<double>(most_batches));
    std::array<Batch, most_batches> all{};
    for (std::size_t i = 0; i < bands_.size(); ++i) {
      for (const Point& point : bands_[i].points) {
        const double at = std::min(most_batches - 1.0, interval_at(point.t) / intervals);
        Batch& batch = all[static_cast<std::size_t>(at)];
        batch.answers += point.value;
        if (i >= from_band) batch.slow += point.value;
      }
    }
    return all;
  }

  /// The first band of the slowest answers, as many of them as comes nearest to a share of 1 - q.
  std::size_t tail_band(double q) const {
    std::size_t nearest = bands_.size();
    double closest = std::numeric_limits<double>::infinity();
    double slow = 0;
    for (std::size_t band = bands_.size(); band-- > 0;) {
      slow += bands_[band].answers;
      if (slow < fewest_slow || slow >= answers_) continue;
      const double distance = std::abs(std::log(slow / (answers_ * (1 - q))));
      if (distance < closest) {
        closest = distance;
        nearest = band;
      }
    }
    return nearest;
  }

  double width_;
  double last_ = 0;  // the number of the last interval with an answer
  double answers_ = 0;
  std::vector<Band> bands_;  // the fastest first
};

constexpr const char* nothing_over_time = "n/a (no series says when the answers came)";

Metric end_of(std::string name, const Histogram& histogram, std::optional<double> rank) {
  Metric metric{.name = std::move(name), .unit = "ns", .better = Better::neither};
  if (!rank) {
    metric.why = nothing_over_time;
  } else if (*rank >= 1 && *rank <= static_cast<double>(histogram.count())) {
    metric.value = static_cast<double>(histogram.value_at_rank(static_cast<std::uint64_t>(*rank)));
  } else {
    metric.why = "beyond the samples";
  }
  return metric;
}

}  // namespace

std::vector<Metric> confidence_metrics(const Histogram& intended,
                                       const std::vector<Series>& series) {
  const AnswersOverTime seen(series);
  const bool known = intended.count() == 0 || !seen.empty();
  const auto samples = static_cast<double>(intended.count());
  std::vector<Metric> metrics;
  for (const Quantile& each : reported_quantiles) {
    const double at = samples * each.q;
    const double half = normal_95 * std::sqrt(at * (1 - each.q) * seen.dispersion(each.q));
    const auto add = [&](const char* end, double rank) {
      metrics.push_back(end_of(fmt::format("{}_{}_{}_ns", counted_over_time, each.name, end),
                               intended, known ? std::optional(rank) : std::nullopt));
    };
    add("low", std::floor(at - half));
    add("high", std::ceil(at + half) + 1);
  }
  Metric effective{.name = "effective_samples", .better = Better::higher};
  if (known) {
    effective.value = std::floor(samples / seen.dispersion(0.99));
  } else {
    effective.why = nothing_over_time;
  }
  metrics.push_back(effective);
  return metrics;
}

}  // namespace contend
