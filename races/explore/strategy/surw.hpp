// SURW, selectively uniform random walk: among the orders of the selected events (those on one
// object, drawn anew for each execution) each is equally likely, if the learnt counts are right;
// all other events wait at random priorities. A thread not created yet lends its weight to its
// creator. Paper: Zhao, Wolff, Mathur, Roychoudhury, "Selectively Uniform Concurrency Testing",
// ASPLOS 2025.
#pragma once

#include "races/explore/strategy/random.hpp"
#include "races/explore/strategy/situation.hpp"

namespace contend::explore {

class Surw {
 public:
  /// `learnt` holds instruction.learnt_threads entries and outlives the execution.
  void begin(const Instruction& instruction, const Learnt* learnt);
  std::uint32_t pick(const Situation& now);
  void yielded(std::uint16_t) { intended_ = nobody; }

 private:
  static constexpr std::uint32_t nobody = max_threads;

  bool selected(const Candidate& candidate) const;
  std::uint64_t weight(std::uint16_t thread) const;
  std::uint64_t priority(const Candidate& candidate) const;
  void draw_intended(const Situation& now);
  void meet(const Situation& now);
  void consume(std::uint16_t thread);

  Random random_;
  std::uint64_t target_ = 0;
  std::uint64_t seed_ = 0;  ///< of the priorities
  std::uint32_t intended_ = nobody;
  std::uint32_t born_ = 0;  ///< threads seen so far: 0 … born_-1
  std::uint32_t known_ = 0;
  std::uint32_t left_[max_threads] = {};  ///< selected events still expected of each thread
  std::uint64_t lent_[max_threads] = {};  ///< the same of its children not yet born, and theirs
  std::uint16_t parent_[max_threads] = {};
};

}  // namespace contend::explore
