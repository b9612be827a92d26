// What had been recorded at a few moments of a run, so that, once it is known how the run went and
// how long it was, one of these beginnings, a tenth of it at most, can be taken out of it again.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/warm_up.hpp"

#include "loadgen/tally.hpp"

namespace contend::loadgen {

/// What was recorded in the first `length` of a run.
struct Beginning {
  Nanoseconds length{};
  Histogram intended{};
  Histogram service{};
  Histogram lag{};

  void add(const Tally& tally);
  /// That of another thread's share of the same run.
  void merge(const Beginning& other);
};

/// Threads: one owner.
class Beginnings {
 public:
  Beginnings() = default;
  /// Of a run of this length; none: of one that ends when all is done. Each is twice as long as the
  /// one before it. What it takes to keep them is there from now on: a megabyte that is new costs
  /// milliseconds, which a run has not.
  explicit Beginnings(std::optional<Nanoseconds> run);

  void start(Clock::time_point start) { start_ = start; }

  /// When to look next; time_point::max() before the start, and when all have been kept, or their
  /// time is over.
  Clock::time_point next() const;
  /// Keeps what the tallies, together, hold now.
  void keep(Clock::time_point now, std::span<const Tally> tallies);
  /// Those of another thread's share of the same run.
  void merge(const Beginnings& other);
  /// The run was over then: forgets those of more than a tenth of it.
  void end(Clock::time_point at);

  const std::vector<Beginning>& all() const { return all_; }

 private:
  Beginning take_spare();

  Clock::time_point start_ = Clock::time_point::max();
  Nanoseconds next_ = Nanoseconds::max();  // after the start
  Nanoseconds last_{0};
  std::vector<Beginning> all_;
  std::vector<Beginning> spare_;
};

/// Takes the beginning out of the tally's latencies after which they are level, as
/// choose_beginning() says; none if none helps. Those of the first `warmup` were not recorded in
/// the first place. Counts and the timeline stay whole. Where the run became another one after
/// `alone`, that is asked whether it was level, and is without the beginning afterwards as well.
LeftOut leave_out(Nanoseconds warmup, const Beginnings& beginnings, Beginning& alone, Tally& tally);

}  // namespace contend::loadgen
