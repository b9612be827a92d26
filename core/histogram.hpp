// A latency histogram of fixed relative precision: log-linear buckets as in HdrHistogram (G. Tene),
// so that merging is addition and another implementation can read what we write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/units.hpp"

namespace contend {

/// Counts durations from 1 ns to 1 h with three significant digits. 264 KiB.
/// Threads: one writer; readers only after it has stopped.
class Histogram {
 public:
  static constexpr std::int64_t lowest = 1;
  static constexpr std::int64_t highest = 3'600'000'000'000;
  static constexpr int significant_digits = 3;
  static constexpr std::size_t counters = 33'792;

  Histogram();

  /// Records one value in nanoseconds. Below 0 counts as 0; above highest() goes to the top bucket
  /// and into overflow(). Cost: O(1), no allocation.
  void record(std::int64_t value, std::uint64_t times = 1) noexcept;
  void record(Nanoseconds value, std::uint64_t times = 1) noexcept { record(value.count(), times); }

  /// Adds every count of `other`: exact.
  void merge(const Histogram& other) noexcept;

  std::uint64_t count() const { return count_; }
  std::uint64_t overflow() const { return overflow_; }  ///< values above highest()
  std::int64_t min() const { return count_ == 0 ? 0 : min_; }
  std::int64_t max() const { return max_; }
  double mean() const;

  /// The smallest recorded value (to three digits, its bucket's upper end, at most max()) such that
  /// at least `q` of all values are not above it. q in [0, 1]; 0 where nothing was recorded.
  std::int64_t quantile(double q) const;

  /// The value of the sample of this rank, 1 … count().
  std::int64_t value_at_rank(std::uint64_t rank) const;

  /// The counters, for the codec and for those who draw: index ↔ value as below.
  const std::vector<std::uint64_t>& counts() const { return counts_; }
  static std::size_t index_of(std::int64_t value) noexcept;
  static std::int64_t lowest_value_at(std::size_t index) noexcept;
  static std::int64_t highest_value_at(std::size_t index) noexcept;

  /// Rebuilds from counters as counts() gives them; min and max then have bucket precision.
  static Histogram from_counts(const std::vector<std::uint64_t>& counts);

  /// Puts the exact summary back that counters alone do not hold. Only if something was recorded.
  void set_summary(std::int64_t min, std::int64_t max, double mean) noexcept;

  bool operator==(const Histogram&) const = default;

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t overflow_ = 0;
  std::int64_t min_ = highest;
  std::int64_t max_ = 0;
  double sum_ = 0;
};

/// What was recorded after `before` was taken; min and max have bucket precision.
Histogram difference(const Histogram& now, const Histogram& before);

}  // namespace contend
