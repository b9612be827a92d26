// POS, partial order sampling: every pending step has a random priority, the highest goes first,
// and the steps that it was in a race with draw again; so that each partial order, not each order,
// is likely. Paper: Yuan, Yang, Gu, "Partial Order Aware Concurrency Sampling", CAV 2018.
#pragma once

#include "races/explore/strategy/random.hpp"
#include "races/explore/strategy/situation.hpp"

namespace contend::explore {

class Pos {
 public:
  void begin(const Instruction& instruction);
  std::uint32_t pick(const Situation& now);
  void yielded(std::uint16_t thread) { lowered_ = thread; }

 private:
  struct Pending {
    std::uint64_t step = ~0ULL;
    std::uint64_t priority = 0;
  };

  std::uint64_t priority(const Candidate& candidate);

  Random random_;
  std::uint32_t known_ = 0;
  std::uint32_t lowered_ = max_threads;  ///< this one's next draw is the lowest: it spins
  Pending pending_[max_threads] = {};
};

}  // namespace contend::explore
