#include "races/explore/strategy/pct.hpp"

namespace contend::explore {

// Priorities given at birth have the top bit set; lowered ones count down from below it.
void Pct::begin(const Instruction& instruction) {
  random_ = Random(instruction.seed);
  known_ = 0;
  next_change_ = 0;
  lowest_ = 1ULL << 62U;
  const std::uint32_t depth = instruction.depth == 0 ? 1 : instruction.depth;
  changes_ = depth - 1 < most_changes ? depth - 1 : most_changes;
  const std::uint32_t steps = instruction.expected_steps == 0 ? 1 : instruction.expected_steps;
  for (std::uint32_t i = 0; i < changes_; ++i) {
    const std::uint64_t at = random_.below(steps);
    std::uint32_t place = i;
    for (; place > 0 && change_at_[place - 1] > at; --place) {
      change_at_[place] = change_at_[place - 1];
    }
    change_at_[place] = at;
  }
}

std::uint64_t Pct::priority(std::uint16_t thread) {
  while (known_ <= thread) priorities_[known_++] = random_.next() | (1ULL << 63U);
  return priorities_[thread];
}

std::uint32_t Pct::pick(const Situation& now) {
  for (std::uint32_t i = 0; i < now.count; ++i) priority(now.candidates[i].thread);
  while (next_change_ < changes_ && now.step >= change_at_[next_change_]) {
    ++next_change_;
    if (now.may_continue) yielded(now.candidates[0].thread);
  }
  std::uint32_t best = 0;
  for (std::uint32_t i = 1; i < now.count; ++i) {
    if (priority(now.candidates[i].thread) > priority(now.candidates[best].thread)) best = i;
  }
  return best;
}

void Pct::yielded(std::uint16_t thread) {
  priority(thread);
  priorities_[thread] = --lowest_;
}

}  // namespace contend::explore
