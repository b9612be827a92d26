#include "races/explore/strategy/pos.hpp"

namespace contend::explore {

void Pos::begin(const Instruction& instruction) {
  random_ = Random(instruction.seed);
  known_ = 0;
  lowered_ = max_threads;
}

std::uint64_t Pos::priority(const Candidate& candidate) {
  while (known_ <= candidate.thread) pending_[known_++] = Pending{};
  Pending& pending = pending_[candidate.thread];
  if (pending.step != candidate.step) {
    pending.step = candidate.step;
    pending.priority = random_.next();
    if (lowered_ == candidate.thread) {
      pending.priority >>= 32U;
      lowered_ = max_threads;
    }
  }
  return pending.priority;
}

std::uint32_t Pos::pick(const Situation& now) {
  std::uint32_t best = 0;
  for (std::uint32_t i = 0; i < now.count; ++i) {
    if (priority(now.candidates[i]) > priority(now.candidates[best])) best = i;
  }
  const Candidate& picked = now.candidates[best];
  for (std::uint32_t i = 0; i < now.count; ++i) {
    if (i == best || dependent(now.candidates[i], picked)) {
      pending_[now.candidates[i].thread].step = ~0ULL;
    }
  }
  return best;
}

}  // namespace contend::explore
