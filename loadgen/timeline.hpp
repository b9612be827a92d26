// How a run went over time: of each interval how many answers came, how long they took on average
// and at most, and how many took how long. Bounded however long the run: when the intervals are
// used up, each two become one. Not for quantiles, whose bands here are half an octave wide; those
// have histograms.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

#include "core/report.hpp"
#include "core/units.hpp"

namespace contend::loadgen {

class Timeline {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::size_t most_intervals = 128;
  static constexpr std::size_t bands = 64;

  void begin(Clock::time_point start) { start_ = start; }

  /// So many answers at `now` that took so long each. Costs a shift and four additions. What is
  /// before the beginning counts as at it.
  void record(Clock::time_point now, Nanoseconds latency, std::uint64_t times = 1);

  /// Exact: both count in intervals whose width is a power of two. The other must have begun at the
  /// same time, or be empty.
  void merge(const Timeline& other);

  /// throughput_per_second, latency_mean_ns, latency_max_ns, and for each band with an answer in it
  /// "answers_from_A_to_B_ns": latency at least A and less than B. A point stands at the beginning
  /// of its interval; the last interval, which the run did not fill, has no throughput.
  std::vector<Series> series() const;

  /// The mean latency of each whole interval, in nanoseconds; of one without an answer, that of the
  /// one before, and no_mean before the first.
  std::vector<double> means() const;
  Nanoseconds width() const { return Nanoseconds(std::int64_t{1} << width_bits_); }

  /// Where a band begins; band 0 takes all below its end, the last all above its beginning.
  static std::int64_t band_begin(std::size_t band);
  static std::size_t band_of(Nanoseconds latency);

 private:
  struct Interval {
    std::uint64_t answers = 0;
    std::int64_t sum_ns = 0;
    std::int64_t longest_ns = 0;
    std::array<std::uint32_t, bands> in_band{};

    void add(const Interval& other);
  };

  Interval& at(std::uint64_t since_ns);
  void widen();
  double seconds_at(std::size_t interval) const;

  Clock::time_point start_{};
  unsigned width_bits_ = 23;  // 8.4 ms
  std::vector<Interval> intervals_;
};

}  // namespace contend::loadgen
