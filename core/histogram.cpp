#include "core/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/check.hpp"

namespace contend {
namespace {

// Three digits need 2,000 sub-buckets, rounded up to a power of two; all octaves but the first use
// the upper half of them.
constexpr int sub_bucket_half_magnitude = 10;
constexpr std::int64_t sub_buckets = 2048;
constexpr std::int64_t sub_bucket_half = sub_buckets / 2;

constexpr int octaves() {
  int count = 1;
  for (std::int64_t untrackable = sub_buckets; untrackable <= Histogram::highest;
       untrackable <<= 1) {
    ++count;
  }
  return count;
}

static_assert(Histogram::counters == (octaves() + 1) * sub_bucket_half);

int octave_of(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value | (sub_buckets - 1));
  return static_cast<int>(std::bit_width(bits)) - (sub_bucket_half_magnitude + 1);
}

}  // namespace

Histogram::Histogram() : counts_(counters) {}

std::size_t Histogram::index_of(std::int64_t value) noexcept {
  const int octave = octave_of(value);
  const std::int64_t sub = value >> octave;
  return static_cast<std::size_t>(((octave + 1) << sub_bucket_half_magnitude) + sub -
                                  sub_bucket_half);
}

std::int64_t Histogram::lowest_value_at(std::size_t index) noexcept {
  int octave = static_cast<int>(index >> sub_bucket_half_magnitude) - 1;
  std::int64_t sub = static_cast<std::int64_t>(index & (sub_bucket_half - 1)) + sub_bucket_half;
  if (octave < 0) {
    octave = 0;
    sub -= sub_bucket_half;
  }
  return sub << octave;
}

std::int64_t Histogram::highest_value_at(std::size_t index) noexcept {
  const std::int64_t low = lowest_value_at(index);
  return low + (std::int64_t{1} << octave_of(low)) - 1;
}

void Histogram::record(std::int64_t value, std::uint64_t times) noexcept {
  if (value > highest) {
    overflow_ += times;
    value = highest;
  }
  value = std::max<std::int64_t>(value, 0);
  counts_[index_of(value)] += times;
  count_ += times;
  sum_ += static_cast<double>(value) * static_cast<double>(times);
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

void Histogram::merge(const Histogram& other) noexcept {
  std::transform(counts_.begin(), counts_.end(), other.counts_.begin(), counts_.begin(),
                 std::plus<>());
  count_ += other.count_;
  overflow_ += other.overflow_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

double Histogram::mean() const {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

std::int64_t Histogram::quantile(double q) const {
  if (count_ == 0) return 0;
  const double rank = std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(count_));
  return value_at_rank(std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rank)));
}

std::int64_t Histogram::value_at_rank(std::uint64_t rank) const {
  CONTEND_CHECK(rank >= 1);
  std::uint64_t seen = 0;
  for (std::size_t index = 0; index < counts_.size(); ++index) {
    seen += counts_[index];
    if (seen >= rank) return std::min(highest_value_at(index), max_);
  }
  return max_;
}

Histogram Histogram::from_counts(const std::vector<std::uint64_t>& counts) {
  CONTEND_CHECK(counts.size() <= counters);
  Histogram histogram;
  for (std::size_t index = 0; index < counts.size(); ++index) {
    if (counts[index] != 0) histogram.record(highest_value_at(index), counts[index]);
  }
  return histogram;
}

void Histogram::set_summary(std::int64_t min, std::int64_t max, double mean) noexcept {
  min_ = min;
  max_ = max;
  sum_ = mean * static_cast<double>(count_);
}

Histogram difference(const Histogram& now, const Histogram& before) {
  std::vector<std::uint64_t> left(now.counts().size());
  std::ranges::transform(now.counts(), before.counts(), left.begin(), std::minus<>());
  return Histogram::from_counts(left);
}

}  // namespace contend
