// When each message of an open loop is due: a pure function of the seed and its index, whatever the
// server does. Knows neither sockets nor the clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace contend::loadgen {

enum class Arrival {
  poisson,  ///< exponential gaps: independent users
  uniform   ///< equal gaps
};

struct Schedule {
  Arrival arrival = Arrival::poisson;
  double rate_per_second = 1;
  std::uint64_t seed = 0;
  std::uint64_t messages = std::numeric_limits<std::uint64_t>::max();
};

/// Threads: one owner.
class Pacer {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Due times from `start` on, until `end` or until the schedule's messages are out.
  Pacer(const Schedule& schedule, TimePoint start, TimePoint end);

  /// The next message; time_point::max() when there is none.
  TimePoint next() const { return next_; }
  void advance();

 private:
  double gap_seconds(std::uint64_t index) const;
  void place();

  Schedule schedule_;
  TimePoint start_;
  TimePoint end_;
  TimePoint next_;
  std::uint64_t index_ = 0;
  double elapsed_seconds_ = 0;
};

}  // namespace contend::loadgen
