// Random walk: each candidate with the same probability. Good at short programs, hopeless where one
// order of many threads in hundreds fails.
#pragma once

#include "races/explore/strategy/random.hpp"
#include "races/explore/strategy/situation.hpp"

namespace contend::explore {

class RandomWalk {
 public:
  void begin(const Instruction& instruction) { random_ = Random(instruction.seed); }
  std::uint32_t pick(const Situation& now) { return random_.below(now.count); }
  void yielded(std::uint16_t) {}

 private:
  Random random_;
};

}  // namespace contend::explore
