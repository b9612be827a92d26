#include "races/explore/portfolio.hpp"

namespace contend::explore {
namespace {

constexpr std::uint32_t last_bound = 3;    ///< after it, without one
constexpr std::uint32_t starts_bound = 2;  ///< the last with beginnings as steps
constexpr std::size_t opening_rounds = 3;  ///< so many rounds of opening turns come first
constexpr std::uint32_t urw_share = 8;     ///< one in so many of SURW's has all objects for its own
constexpr std::size_t starts_round = 4;    ///< every so many rounds of turns sample with them

}  // namespace

Portfolio::Portfolio(const Plan& plan) : random_(plan.seed) {
  using enum Member;
  common_.every_access = plan.every_access;
  common_.weak_memory = plan.memory == Memory::weak;
  common_.step_limit = plan.steps;
  common_.leaks = plan.leaks;
  tallies_ = {{"dfs"}, {"random"}, {"pct2"}, {"pct3"}, {"pos"}, {"surw"}};
  if (plan.strategy == "portfolio") {
    opening_ = {dfs, surw, surw, pos,  surw, surw, surw, pos,
                dfs, surw, surw, surw, pos,  surw, surw, pct3};
    turns_ = {dfs,  surw, dfs,    pos,  dfs, surw, dfs,  pct3,
              surw, dfs,  random, surw, dfs, pos,  surw, pct2};
  }
  if (plan.strategy == "dfs") turns_ = {dfs};
  if (plan.strategy == "random") turns_ = {random};
  if (plan.strategy == "pct") turns_ = {pct2, pct3};
  if (plan.strategy == "pos") turns_ = {pos};
  if (plan.strategy == "surw") turns_ = {surw};
}

Attempt Portfolio::next(const Learner& learner) {
  Attempt attempt;
  const std::size_t round = turn_ / turns_.size();
  const bool opens = turn_ < opening_rounds * opening_.size();
  const Member member = opens ? opening_[turn_ % opening_.size()] : turns_[turn_ % turns_.size()];
  ++turn_;
  attempt.member = static_cast<std::size_t>(member);
  attempt.instruction = common_;
  attempt.instruction.unlock_points = learner.unlock_points();
  if (member == Member::dfs) {
    attempt.instruction.strategy = StrategyKind::first;
    attempt.instruction.strict = true;
    attempt.instruction.start_points = searched_all_;
    attempt.prefix = search_.prefix();
  } else {
    attempt.instruction.start_points = round % starts_round == 1;
    sample(attempt, member, learner);
  }
  return attempt;
}

void Portfolio::sample(Attempt& attempt, Member member, const Learner& learner) {
  Instruction& told = attempt.instruction;
  told.seed = random_.next();
  told.expected_steps = learner.longest();
  switch (member) {
    case Member::pct2:
    case Member::pct3:
      told.strategy = StrategyKind::pct;
      told.depth = member == Member::pct2 ? 2 : 3;
      return;
    case Member::pos:
      told.strategy = StrategyKind::pos;
      return;
    case Member::surw: {
      // One shared object for each execution; now and then all of them, which is URW.
      told.strategy = StrategyKind::surw;
      told.target = random_.below(urw_share) == 0 ? 0 : learner.draw_object(random_.next());
      attempt.learnt = learner.weights(told.target);
      told.learnt_threads = static_cast<std::uint32_t>(attempt.learnt.size());
      return;
    }
    case Member::dfs:
    case Member::random:
      told.strategy = StrategyKind::random_walk;
      return;
  }
}

void Portfolio::restart_search() {
  bound_ = 0;
  searched_ = 0;
  searched_all_ = false;
  search_ = BoundedSearch(0);
}

void Portfolio::repeated(const Attempt& attempt, std::uint64_t executions, std::uint64_t failures) {
  tallies_[attempt.member].executions += executions;
  tallies_[attempt.member].failures += failures;
}

void Portfolio::done(const Attempt& attempt, std::span<const Choice> choices, bool failed,
                     bool more_points) {
  MemberTally& tally = tallies_[attempt.member];
  ++tally.executions;
  if (failed) ++tally.failures;
  if (more_points) return restart_search();
  if (attempt.member != static_cast<std::size_t>(Member::dfs)) return;
  if (!searched_all_) ++searched_;
  search_.advance(choices);
  if (search_.finished()) search_on();
}

// With one more preemption; or once more with beginnings as steps; or it is proved.
void Portfolio::search_on() {
  if (searched_all_) {
    proved_ = !search_.cut() || starts_bound_ == starts_bound;
    search_ = BoundedSearch(++starts_bound_);
  } else if (search_.cut()) {
    ++bound_;
    search_ = BoundedSearch(bound_ > last_bound ? BoundedSearch::unbounded : bound_);
    searched_ = 0;
  } else {
    searched_all_ = true;
    starts_bound_ = 0;
    search_ = BoundedSearch(0);
  }
}

}  // namespace contend::explore
