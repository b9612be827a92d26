#include "races/explore/strategy/surw.hpp"

namespace contend::explore {

void Surw::begin(const Instruction& instruction, const Learnt* learnt) {
  random_ = Random(instruction.seed);
  seed_ = random_.next();
  target_ = instruction.target;
  intended_ = nobody;
  born_ = 0;
  known_ = instruction.learnt_threads;
  for (std::uint32_t i = 0; i < known_; ++i) {
    left_[i] = learnt[i].weight;
    parent_[i] = learnt[i].parent;
    lent_[i] = 0;
  }
  // Children have higher numbers than their creators, so one pass from the end sums up each tree.
  for (std::uint32_t i = known_; i-- > 1;) lent_[parent_[i]] += left_[i] + lent_[i];
}

bool Surw::selected(const Candidate& candidate) const {
  return target_ == 0 || candidate.object == target_;
}

std::uint64_t Surw::weight(std::uint16_t thread) const {
  return thread < known_ ? left_[thread] + lent_[thread] : 0;
}

// A thread seen for the first time takes its own share back from its creator; and if the creator
// was to have the next selected event, for itself and all that it would still create, this one may
// be whom it was meant for.
void Surw::meet(const Situation& now) {
  std::uint32_t seen = 0;
  for (std::uint32_t i = 0; i < now.count; ++i) {
    if (now.candidates[i].thread >= seen) seen = now.candidates[i].thread + 1U;
  }
  for (; born_ < seen; ++born_) {
    if (born_ == 0 || born_ >= known_) continue;
    const std::uint64_t share = left_[born_] + lent_[born_];
    std::uint64_t& lent = lent_[parent_[born_]];
    lent -= share < lent ? share : lent;
    if (intended_ != parent_[born_] || share == 0) continue;
    const std::uint64_t rest = weight(parent_[born_]);
    if (random_.next() % (share + rest) < share) intended_ = born_;
  }
}

void Surw::draw_intended(const Situation& now) {
  std::uint64_t total = 0;
  for (std::uint32_t i = 0; i < now.count; ++i) total += weight(now.candidates[i].thread);
  if (total == 0) {
    intended_ = now.candidates[random_.below(now.count)].thread;
    return;
  }
  std::uint64_t ticket = random_.next() % total;
  for (std::uint32_t i = 0; i < now.count; ++i) {
    const std::uint64_t share = weight(now.candidates[i].thread);
    if (ticket < share) {
      intended_ = now.candidates[i].thread;
      return;
    }
    ticket -= share;
  }
}

void Surw::consume(std::uint16_t thread) {
  if (thread < known_ && left_[thread] > 0) --left_[thread];
  intended_ = nobody;
}

std::uint64_t Surw::priority(const Candidate& candidate) const {
  return mix(seed_ ^ mix(candidate.thread ^ (candidate.step << 16U)));
}

std::uint32_t Surw::pick(const Situation& now) {
  meet(now);
  bool intended_is_here = false;
  for (std::uint32_t i = 0; i < now.count; ++i) {
    intended_is_here = intended_is_here || now.candidates[i].thread == intended_;
  }
  if (!intended_is_here) draw_intended(now);
  // Anybody may do what is not selected; of the selected events only the intended thread's.
  const auto may_go = [&](const Candidate& candidate) {
    return !selected(candidate) || candidate.thread == intended_;
  };
  std::uint32_t best = 0;
  for (std::uint32_t i = 1; i < now.count; ++i) {
    const Candidate& other = now.candidates[i];
    const Candidate& leader = now.candidates[best];
    if (may_go(other) && (!may_go(leader) || priority(other) > priority(leader))) best = i;
  }
  if (selected(now.candidates[best])) consume(now.candidates[best].thread);
  return best;
}

}  // namespace contend::explore
