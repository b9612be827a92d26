// What had been recorded at a few moments of the first tenth of a run, so that, once it is known
// how the run went, one of these beginnings can be taken out of it again.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/warm_up.hpp"

#include "loadgen/tally.hpp"

namespace contend::loadgen {

/// Threads: one owner.
class Beginnings {
 public:
  static constexpr std::size_t count = 5;

  struct Beginning {
    Nanoseconds length{};
    Histogram intended{};
    Histogram service{};
    Histogram lag{};
  };

  Beginnings() = default;
  /// Of a run of this length.
  Beginnings(Clock::time_point start, Nanoseconds run) : start_(start), run_(run) {}

  /// When to look next; time_point::max() when all have been kept, or their time is over.
  Clock::time_point next() const;
  /// Keeps what the tallies, together, hold now.
  void keep(Clock::time_point now, std::span<const Tally> tallies);
  /// Those of another thread's share of the same run.
  void merge(const Beginnings& other);

  const std::vector<Beginning>& all() const { return all_; }

 private:
  Clock::time_point start_{};
  Nanoseconds run_{0};
  std::vector<Beginning> all_;
};

/// Takes the beginning out of the tally's latencies after which they are level, as
/// choose_beginning() says; none if none helps. Those of the first `warmup` were not recorded in
/// the first place. Counts and the timeline stay whole.
LeftOut leave_out(Nanoseconds warmup, const Beginnings& beginnings, Tally& tally);

}  // namespace contend::loadgen
