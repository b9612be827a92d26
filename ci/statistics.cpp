#include "ci/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace contend::ci {
namespace {

/// Twice the midrank of each value of a and b together, in the order a then b: whole numbers.
std::vector<std::size_t> doubled_ranks(std::span<const double> a, std::span<const double> b) {
  std::vector<double> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  std::vector<double> sorted = all;
  std::ranges::sort(sorted);
  std::vector<std::size_t> ranks;
  for (const double value : all) {
    const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), value);
    ranks.push_back(static_cast<std::size_t>((first - sorted.begin()) + (last - sorted.begin())) +
                    1);
  }
  return ranks;
}

/// How many ways there are to choose `many` of the numbers so that they add up to each sum.
std::vector<double> ways_by_sum(const std::vector<std::size_t>& numbers, std::size_t many) {
  const std::size_t most = std::accumulate(numbers.begin(), numbers.end(), std::size_t{0});
  std::vector<std::vector<double>> ways(many + 1, std::vector<double>(most + 1, 0.0));
  ways[0][0] = 1;
  for (const std::size_t number : numbers) {
    for (std::size_t chosen = many; chosen >= 1; --chosen) {
      for (std::size_t sum = most; sum >= number; --sum) {
        ways[chosen][sum] += ways[chosen - 1][sum - number];
      }
    }
  }
  return ways[many];
}

double exact_p(const std::vector<std::size_t>& ranks, std::size_t size_of_a) {
  const std::vector<double> ways = ways_by_sum(ranks, size_of_a);
  const auto all = static_cast<double>(ranks.size());
  const double expected = static_cast<double>(size_of_a) * (all + 1);
  const double seen = static_cast<double>(std::accumulate(
      ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(size_of_a), std::size_t{0}));
  double total = 0;
  double as_far = 0;
  for (std::size_t sum = 0; sum < ways.size(); ++sum) {
    total += ways[sum];
    const bool far =
        std::abs(static_cast<double>(sum) - expected) >= std::abs(seen - expected) - 1e-9;
    if (far) as_far += ways[sum];
  }
  return as_far / total;
}

double normal_p(const std::vector<std::size_t>& ranks, std::size_t size_of_a) {
  const auto n = static_cast<double>(size_of_a);
  const auto m = static_cast<double>(ranks.size() - size_of_a);
  double sum = 0;
  double squares = 0;
  const double middle = (n + m + 1) / 2;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    const double rank = static_cast<double>(ranks[i]) / 2;
    if (i < size_of_a) sum += rank;
    squares += (rank - middle) * (rank - middle);
  }
  const double variance = n * m / ((n + m) * (n + m - 1)) * squares;
  if (variance <= 0) return 1;
  const double distance = std::max(0.0, std::abs(sum - n * middle) - 0.5);
  return std::erfc(distance / std::sqrt(2 * variance));
}

/// Differences to leave out at each end of the sorted ones, or none if even the outermost would say
/// too much. For sizes n and m without ties; U counts pairs in which b is below a.
std::optional<std::size_t> left_out(std::size_t n, std::size_t m, double alpha) {
  if (n * m > 2500) {
    const auto nm = static_cast<double>(n * m);
    const double spread = 1.959964 * std::sqrt(nm * static_cast<double>(n + m + 1) / 12);
    return static_cast<std::size_t>(std::max(0.0, std::floor(nm / 2 - spread)));
  }
  std::vector<std::size_t> ranks(n + m);
  std::iota(ranks.begin(), ranks.end(), std::size_t{1});
  const std::vector<double> ways = ways_by_sum(ranks, n);
  const double total = std::accumulate(ways.begin(), ways.end(), 0.0);
  const std::size_t least = n * (n + 1) / 2;
  double below = 0;
  std::size_t k = 0;
  while (least + k < ways.size() && (below + ways[least + k]) / total <= alpha / 2) {
    below += ways[least + k];
    ++k;
  }
  if (k == 0) return std::nullopt;
  return k - 1;
}

}  // namespace

double median(std::span<const double> values) {
  if (values.empty()) return 0;
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

double rank_test(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty()) return 1;
  const std::vector<std::size_t> ranks = doubled_ranks(a, b);
  return ranks.size() <= 60 ? exact_p(ranks, a.size()) : normal_p(ranks, a.size());
}

std::optional<Shift> rank_shift(std::span<const double> a, std::span<const double> b,
                                double alpha) {
  if (a.empty() || b.empty()) return std::nullopt;
  const std::optional<std::size_t> out = left_out(a.size(), b.size(), alpha);
  if (!out) return std::nullopt;
  std::vector<double> differences;
  differences.reserve(a.size() * b.size());
  for (const double x : a) {
    for (const double y : b) differences.push_back(y - x);
  }
  std::ranges::sort(differences);
  return Shift{median(differences), differences[*out], differences[differences.size() - 1 - *out]};
}

std::optional<Shift> relative_shift(std::span<const double> a, std::span<const double> b,
                                    double alpha) {
  const auto positive = [](double value) { return value > 0; };
  if (!std::ranges::all_of(a, positive) || !std::ranges::all_of(b, positive)) {
    std::optional<Shift> shift = rank_shift(a, b, alpha);
    const double scale = std::abs(median(a)) > 0 ? std::abs(median(a)) : 1.0;
    if (shift) *shift = {shift->estimate / scale, shift->low / scale, shift->high / scale};
    return shift;
  }
  const auto logarithms = [](std::span<const double> values) {
    std::vector<double> out;
    for (const double value : values) out.push_back(std::log(value));
    return out;
  };
  std::optional<Shift> shift = rank_shift(logarithms(a), logarithms(b), alpha);
  if (shift) {
    *shift = {std::expm1(shift->estimate), std::expm1(shift->low), std::expm1(shift->high)};
  }
  return shift;
}

double detectable(const Shift& shift) {
  constexpr double certain = 1.959964;   // quantiles of the normal distribution: 0.975 …
  constexpr double powerful = 0.841621;  // … and 0.8
  return (shift.high - shift.low) / 2 * (certain + powerful) / certain;
}

}  // namespace contend::ci
