// PCT: random priorities, lowered at d-1 random steps; a bug of depth d among n threads and k steps
// is hit with probability at least 1/(n k^(d-1)).
// Paper: Burckhardt, Kothari, Musuvathi, Nagarakatte, "A Randomized Scheduler with Probabilistic
// Guarantees of Finding Bugs", ASPLOS 2010. Where we differ: a thread that yields or spins goes
// below all others, since a spin loop would starve whom it waits for.
#pragma once

#include "races/explore/strategy/random.hpp"
#include "races/explore/strategy/situation.hpp"

namespace contend::explore {

class Pct {
 public:
  /// Depth 1 … 16; expected_steps is k.
  void begin(const Instruction& instruction);
  std::uint32_t pick(const Situation& now);
  void yielded(std::uint16_t thread);

 private:
  static constexpr std::uint32_t most_changes = 16;

  std::uint64_t priority(std::uint16_t thread);

  Random random_;
  std::uint32_t changes_ = 0;
  std::uint32_t next_change_ = 0;
  std::uint64_t change_at_[most_changes] = {};
  std::uint64_t lowest_ = 0;
  std::uint32_t known_ = 0;
  std::uint64_t priorities_[max_threads] = {};
};

}  // namespace contend::explore
