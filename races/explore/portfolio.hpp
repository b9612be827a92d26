// Which strategy gets the next execution. By default several in fixed shares: exhaustive search
// with bounds 0, 1, 2, … preemptions, which ends in a proof where a program is small, and between
// its executions the sampling strategies, which find what lies deep in large ones; they have most
// of the first turns, since what is easily found they find in a few. Some code has no
// hooks (libraries; what a compiler takes for nobody else's), and what it does before a thread's
// first step would always come right after the thread was created. So every fourth round of turns,
// and a last exhaustive search with few preemptions, make each thread's beginning a step.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "races/explore/bounded_search.hpp"
#include "races/explore/learner.hpp"
#include "races/explore/plan.hpp"
#include "races/explore/strategy/random.hpp"

namespace contend::explore {

/// One execution to do.
struct Attempt {
  Instruction instruction;
  std::span<const Choice> prefix;
  std::vector<Learnt> learnt;  ///< for SURW, else empty
  std::size_t member = 0;      ///< whose it is, an index into tallies()
};

struct MemberTally {
  std::string name;
  std::uint64_t executions = 0;
  std::uint64_t failures = 0;
};

class Portfolio {
 public:
  explicit Portfolio(const Plan& plan);

  Attempt next(const Learner& learner);

  /// What came of it. `more_points`: there are new choice points, so the search begins anew.
  void done(const Attempt& attempt, std::span<const Choice> choices, bool failed, bool more_points);

  /// So many more of a sampling strategy, with consecutive seeds, of which nothing is to be learnt.
  void repeated(const Attempt& attempt, std::uint64_t executions, std::uint64_t failures);

  /// The search has seen every schedule; the verdict may be "proved".
  bool proved() const { return proved_; }

  /// Bounds below this are completely searched.
  std::uint32_t bounds_done() const { return bound_; }
  std::uint64_t searched() const { return searched_; }  ///< schedules in the last bound

  const std::vector<MemberTally>& tallies() const { return tallies_; }

 private:
  enum class Member : std::uint8_t { dfs, random, pct2, pct3, pos, surw };

  void search_on();
  void restart_search();
  void sample(Attempt& attempt, Member member, const Learner& learner);

  Instruction common_;
  Random random_;
  std::vector<Member> opening_;
  std::vector<Member> turns_;
  std::size_t turn_ = 0;
  std::vector<MemberTally> tallies_;
  BoundedSearch search_{0};
  std::uint32_t bound_ = 0;
  std::uint64_t searched_ = 0;
  bool searched_all_ = false;       ///< what is left is the search with beginnings as steps
  std::uint32_t starts_bound_ = 0;  ///< of that one
  bool proved_ = false;
};

}  // namespace contend::explore
