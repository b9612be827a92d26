// The strategy of one execution: the choices that are given, then one of the sampling strategies,
// or always the first candidate (which is what exhaustive search needs below its prefix).
#pragma once

#include "races/explore/strategy/pct.hpp"
#include "races/explore/strategy/pos.hpp"
#include "races/explore/strategy/random_walk.hpp"
#include "races/explore/strategy/surw.hpp"

namespace contend::explore {

class Strategy {
 public:
  void begin(const Instruction& instruction, const Learnt* learnt) {
    kind_ = instruction.strategy;
    other_ = Random(mix(instruction.seed));
    if (kind_ == StrategyKind::random_walk) walk_.begin(instruction);
    if (kind_ == StrategyKind::pct) pct_.begin(instruction);
    if (kind_ == StrategyKind::pos) pos_.begin(instruction);
    if (kind_ == StrategyKind::surw) surw_.begin(instruction, learnt);
  }

  std::uint32_t pick(const Situation& now) {
    switch (kind_) {
      case StrategyKind::random_walk:
        return walk_.pick(now);
      case StrategyKind::pct:
        return pct_.pick(now);
      case StrategyKind::pos:
        return pos_.pick(now);
      case StrategyKind::surw:
        return surw_.pick(now);
      case StrategyKind::first:
        break;
    }
    return 0;
  }

  /// A choice that is not between threads: which waiter wakes, which value a load sees.
  std::uint32_t pick_other(std::uint32_t count) {
    return kind_ == StrategyKind::first ? 0 : other_.below(count);
  }

  /// The thread gave way on its own, or repeats itself without effect.
  void yielded(std::uint16_t thread) {
    if (kind_ == StrategyKind::pct) pct_.yielded(thread);
    if (kind_ == StrategyKind::pos) pos_.yielded(thread);
    if (kind_ == StrategyKind::surw) surw_.yielded(thread);
  }

 private:
  StrategyKind kind_ = StrategyKind::first;
  Random other_;
  RandomWalk walk_;
  Pct pct_;
  Pos pos_;
  Surw surw_;
};

}  // namespace contend::explore
