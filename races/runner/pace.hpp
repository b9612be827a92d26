// A rendezvous by the clock: two CPUs whose counters run alike need not tell each other when to
// begin. Nothing is sent between them, so that all that moves is the experiment's own state.
#pragma once

#include <cstddef>
#include <cstdint>

namespace contend::races {

/// Whether the counter runs alike on all CPUs, at one speed for ever; never on another than x86.
bool has_common_ticks();

/// The counter of this CPU, since some time.
std::uint64_t ticks();

/// Ticks in a microsecond, measured within a few milliseconds.
std::uint64_t ticks_per_microsecond();

/// One actor's way through a batch: state i begins i + 1 periods after `start`, for every actor.
class Pace {
 public:
  void begin(std::uint64_t start, std::uint64_t period) {
    next_ = start;
    period_ = period;
    late_ = 0;
  }

  /// Returns when the next state is due, at once if it was due already.
  void await_next() {
    next_ += period_;
    if (ticks() >= next_) {
      ++late_;
      return;
    }
    while (ticks() < next_) continue;
  }

  /// States that began too late: the one before had not ended, or the CPU was somebody else's.
  std::size_t late() const { return late_; }

 private:
  std::uint64_t next_ = 0;
  std::uint64_t period_ = 0;
  std::size_t late_ = 0;
};

}  // namespace contend::races
