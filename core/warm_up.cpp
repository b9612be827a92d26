#include "core/warm_up.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

namespace contend {
namespace {

constexpr std::size_t pieces = 10;
using Means = std::array<double, pieces>;

// Of ten pairs, two-sided 5 % (Zar, Biostatistical Analysis, table B.20).
constexpr double spearman_critical = 0.648;
// Of five and five, two-sided 5 %, eight degrees of freedom.
constexpr double student_critical = 2.306;
// What cutting a beginning off must gain before it is one.
constexpr double worth_cutting = 0.9;
// And what a longer beginning would gain, where the run has not settled yet.
constexpr double not_settled = 0.8;
// Halves that differ by less than a hundredth differ by nothing that a reader would see.
constexpr double negligible = 0.01;

Means means_of(std::span<const double> values) {
  Means means{};
  for (std::size_t i = 0; i < pieces; ++i) {
    const std::size_t from = i * values.size() / pieces;
    const std::size_t to = (i + 1) * values.size() / pieces;
    const auto piece = values.subspan(from, to - from);
    means[i] = std::accumulate(piece.begin(), piece.end(), 0.0) / static_cast<double>(to - from);
  }
  return means;
}

/// Equal values share the mean of their ranks.
double rank_of(const Means& means, double value) {
  const auto below = std::ranges::count_if(means, [&](double each) { return each < value; });
  const auto equal = std::ranges::count(means, value);
  return static_cast<double>(below) + static_cast<double>(equal - 1) / 2;
}

/// Of the values and their order in time; 0 where all are equal.
double spearman(const Means& means) {
  const double middle = (pieces - 1) / 2.0;
  double both = 0;
  double ranks = 0;
  double times = 0;
  for (std::size_t i = 0; i < pieces; ++i) {
    const double rank = rank_of(means, means[i]) - middle;
    const double time = static_cast<double>(i) - middle;
    both += rank * time;
    ranks += rank * rank;
    times += time * time;
  }
  return ranks == 0 ? 0 : both / std::sqrt(ranks * times);
}

struct Half {
  double mean = 0;
  double variance = 0;
};

Half half_of(std::span<const double> means) {
  const auto count = static_cast<double>(means.size());
  Half half;
  half.mean = std::accumulate(means.begin(), means.end(), 0.0) / count;
  for (const double each : means) half.variance += (each - half.mean) * (each - half.mean);
  half.variance /= count - 1;
  return half;
}

bool halves_agree(const Means& means) {
  const Half first = half_of(std::span(means).first(pieces / 2));
  const Half last = half_of(std::span(means).last(pieces / 2));
  const double difference = std::abs(first.mean - last.mean);
  const double error = std::sqrt((first.variance + last.variance) / (pieces / 2.0));
  return difference <= student_critical * error ||
         difference <= negligible * std::max(std::abs(first.mean), std::abs(last.mean));
}

/// The squared standard error of the mean of what is left without the first `cut`, up to a factor.
double marginal_error(std::span<const double> values, std::size_t cut) {
  const auto rest = values.subspan(cut);
  const auto count = static_cast<double>(rest.size());
  const double mean = std::accumulate(rest.begin(), rest.end(), 0.0) / count;
  double squares = 0;
  for (const double each : rest) squares += (each - mean) * (each - mean);
  return squares / (count * count);
}

/// Whether the values begin with something else, whatever its length up to half of them.
bool begins_otherwise(std::span<const double> values) {
  const double whole = marginal_error(values, 0);
  for (std::size_t cut = 1; cut < values.size() / 2; ++cut) {
    if (marginal_error(values, cut) < not_settled * whole) return true;
  }
  return false;
}

}  // namespace

std::optional<bool> is_level(std::span<const double> values) {
  if (values.size() < pieces) return std::nullopt;
  const Means means = means_of(values);
  return halves_agree(means) && std::abs(spearman(means)) < spearman_critical &&
         !begins_otherwise(values);
}

WarmUp find_warm_up(std::span<const double> values, std::span<const std::size_t> candidates) {
  if (values.size() < pieces) return {};
  std::size_t best = 0;
  double least = worth_cutting * marginal_error(values, 0);
  for (const std::size_t cut : candidates) {
    if (cut + pieces > values.size()) break;
    const double error = marginal_error(values, cut);
    if (error >= least) continue;
    best = cut;
    least = error;
  }
  const std::optional<bool> level = is_level(values.subspan(best));
  return {level == true ? best : 0, level};
}

LeftOut choose_beginning(std::span<const Nanoseconds> beginnings, Nanoseconds unrecorded,
                         std::span<const double> means, Nanoseconds width) {
  LeftOut left_out{.length = unrecorded, .which = std::nullopt, .stationary = std::nullopt};
  if (width <= Nanoseconds{0}) return left_out;
  const auto answered = std::ranges::find_if(means, [](double mean) { return !std::isnan(mean); });
  const auto silent = static_cast<std::size_t>(answered - means.begin());
  const auto empty = static_cast<std::size_t>((unrecorded + width - Nanoseconds{1}) / width);
  const std::size_t skipped = std::min(std::max(empty, silent), means.size());
  // Whole intervals only: what is left of one that is cut in two stays, and must be level too.
  std::vector<std::size_t> candidates;
  for (const Nanoseconds each : beginnings) {
    const auto whole = static_cast<std::size_t>(each / width);
    candidates.push_back(whole - std::min(whole, skipped));
  }
  const WarmUp found = find_warm_up(means.subspan(skipped), candidates);
  left_out.stationary = found.level;
  const auto chosen = std::ranges::find(candidates, found.cut);
  if (found.cut == 0 || chosen == candidates.end()) return left_out;
  left_out.which = static_cast<std::size_t>(chosen - candidates.begin());
  left_out.length = beginnings[*left_out.which];
  return left_out;
}

}  // namespace contend
