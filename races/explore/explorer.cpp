#include "races/explore/explorer.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include <fmt/format.h>

#include "core/host.hpp"
#include "core/interrupt.hpp"

#include "races/explore/canary_check.hpp"
#include "races/explore/findings.hpp"
#include "races/explore/grade.hpp"
#include "races/explore/lanes.hpp"
#include "races/explore/learner.hpp"
#include "races/explore/minimise.hpp"
#include "races/explore/portfolio.hpp"
#include "races/explore/schedule.hpp"

namespace contend::explore {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t fraction_at_once = 50;  ///< a turn is this part of what was run before
constexpr std::uint64_t most_at_once = 1000;
constexpr int most_minimised = 3;
constexpr std::chrono::seconds longest_minimising{30};

Schedule to_schedule(const Plan& plan, const Attempt& attempt, const Execution& execution,
                     const Learner& learner, const std::string& strategy) {
  Schedule schedule;
  schedule.argv = plan.argv;
  schedule.name = plan.name;
  schedule.strategy = strategy;
  schedule.seed = attempt.instruction.seed;
  schedule.every_access = attempt.instruction.every_access;
  schedule.unlock_points = attempt.instruction.unlock_points;
  schedule.start_points = attempt.instruction.start_points;
  schedule.weak_memory = attempt.instruction.weak_memory;
  schedule.steps = attempt.instruction.step_limit;
  schedule.racy.assign(learner.racy().begin(), learner.racy().end());
  schedule.choices.assign(execution.choices.begin(), execution.choices.end());
  schedule.hash = execution.result.hash;
  return schedule;
}

/// A finding in another execution.
struct Again {
  Finding finding;
  std::string kind;  ///< as Failure has it
};

/// One exploration: what is known so far, and the loop.
class Explorer {
 public:
  Explorer(const Plan& plan, Target target)
      : plan_(plan), target_(std::move(target)), portfolio_(plan) {}

  Expected<Tally> run() {
    const Expected<std::optional<std::string>> canary = check_canary(target_);
    if (!canary) return canary.error();
    tally_.unreliable = *canary;
    while (!over()) {
      if (const Expected<void> done = one(); !done) return done.error();
    }
    if (const Expected<void> shown = show_failure(); !shown) return shown.error();
    tally_.elapsed = Clock::now() - began_;
    tally_.members = portfolio_.tallies();
    tally_.proved = portfolio_.proved();
    tally_.searched = portfolio_.searched();
    tally_.bounds_done = portfolio_.bounds_done();
    tally_.racy_places = learner_.racy().size();
    tally_.interrupted = interrupted();
    return std::move(tally_);
  }

 private:
  bool over() const {
    const bool found = tally_.failures > 0 && !plan_.keep_going;
    return tally_.unreliable || found || portfolio_.proved() || interrupted() ||
           tally_.schedules >= plan_.schedules || Clock::now() - began_ >= plan_.budget;
  }

  Expected<void> one() {
    Attempt attempt = portfolio_.next(learner_);
    if (!attempt.learnt.empty()) target_.set_learnt(attempt.learnt);
    if (const Expected<void> done = repeat(attempt); !done) return done.error();
    const Expected<Execution> execution = target_.run(attempt.instruction, attempt.prefix);
    if (!execution) return execution.error();
    ++tally_.schedules;
    tally_.steps += execution->result.steps;
    tally_.accesses += execution->result.accesses;
    tally_.spun = tally_.spun || execution->result.spun;
    can_repeat_ = execution->result.can_repeat;
    tally_.unreliable = unreliable(*execution);
    if (tally_.unreliable) return {};
    note_races(*execution, attempt);
    note_leaks(*execution, attempt);
    const bool failed = note_failure(*execution, attempt);
    const bool more = learner_.learn(*execution, target_.base());
    portfolio_.done(attempt, execution->choices, failed, more);
    if (more) {
      const std::vector<std::uint64_t> places(learner_.racy().begin(), learner_.racy().end());
      target_.set_racy(places);
    }
    return {};
  }

  // The more schedules were run, the more of them a turn of a sampling strategy is: all but the
  // last in one process, as long as nothing happens in them that is news.
  Expected<void> repeat(Attempt& attempt) {
    const std::uint64_t wanted = plan_.at_once > 0
                                     ? plan_.at_once
                                     : std::min(tally_.schedules / fraction_at_once, most_at_once);
    const std::uint64_t left = plan_.schedules - tally_.schedules;
    if (!can_repeat_ || attempt.instruction.strict || wanted < 2 || left < 2) return {};
    const std::uint64_t at_once = std::min(wanted, left) - 1;
    Instruction told = attempt.instruction;
    told.repeat = static_cast<std::uint32_t>(at_once);
    told.count_failures = tally_.failures > 0;
    told.leaks = plan_.leaks && tally_.leaks.empty();
    const Expected<Execution> done = target_.run(told, {}, known_races_);
    if (!done) return done.error();
    const Result& result = done->result;
    tally_.schedules += result.repeated;
    tally_.steps += result.repeated_steps;
    tally_.failures += result.repeated_failures;
    // They were only counted, once there was one; they pass for the first.
    if (result.repeated_failures > 0) tally_.found.front().count += result.repeated_failures;
    portfolio_.repeated(attempt, result.repeated, result.repeated_failures);
    attempt.instruction.seed += result.repeated;
    return {};
  }

  // The schedule of what was found with its superfluous switches taken out, and what happens in it.
  Expected<void> show_failure() {
    std::vector<Finding>& kind = !tally_.found.empty()   ? tally_.found
                                 : !tally_.races.empty() ? tally_.races
                                                         : tally_.leaks;
    if (kind.empty()) return {};
    Finding& shown = kind.front();
    tally_.schedule = !tally_.found.empty() ? failing_ : !tally_.races.empty() ? racing_ : leaking_;
    target_.set_racy(tally_.schedule->racy);
    // Each time, what was learnt from the one before makes more of it visible.
    const auto end = Clock::now() + longest_minimising;
    std::optional<Minimised> minimised;
    for (int i = 0; i < most_minimised && plan_.minimise; ++i) {
      Expected<Minimised> fewer = minimise(
          target_, *tally_.schedule, learner_,
          [&](const Execution& execution) { return find_again(execution, shown).has_value(); },
          end);
      if (!fewer) return fewer.error();
      minimised = std::move(*fewer);
      tally_.schedule = minimised->schedule;
      const Expected<Execution> again = run_again();
      if (!again) return again.error();
      const bool more = learner_.learn(*again, target_.base());
      minimised->fewest = minimised->fewest && !more;
      if (!more) break;
    }
    const Expected<Execution> execution = run_again();
    if (!execution) return execution.error();
    if (minimised && shown.rule != "explore.livelock") {
      tally_.lanes.push_back({.lane = -1, .what = describe_preemptions(*minimised)});
    }
    std::ranges::move(lanes_of(execution->events, execution->choices, symbols(), sources_),
                      std::back_inserter(tally_.lanes));
    std::ranges::move(last_lanes_of(*execution, symbols(), sources_),
                      std::back_inserter(tally_.lanes));
    // The finding is shown as the file has it, which may have other threads in it.
    if (std::optional<Again> again = find_again(*execution, shown)) {
      again->finding.count = shown.count;
      shown = std::move(again->finding);
      tally_.schedule->message = shown.message;
      tally_.schedule->kind = std::move(again->kind);
    }
    return {};
  }

  Expected<Execution> run_again() {
    return target_.run(instruction_of(*tally_.schedule), tally_.schedule->choices);
  }

  // Where an endless loop was interrupted says nothing.
  std::optional<Again> find_again(const Execution& execution, const Finding& wanted) {
    const auto is_it = [&](const Finding& other) {
      return other.rule == wanted.rule &&
             (other.rule == "explore.livelock" || other.fingerprint == wanted.fingerprint);
    };
    if (const auto failure = judge(execution, target_.output())) {
      Finding found = to_finding(*failure, symbols(), sources_);
      return is_it(found) ? std::optional(Again{std::move(found), failure->kind}) : std::nullopt;
    }
    for (const Race& race : execution.races) {
      Finding found = to_finding(race, symbols(), sources_);
      if (is_it(found)) return Again{std::move(found), ""};
    }
    for (const Leak& leak : execution.leaks) {
      Finding found = to_finding(leak, symbols(), sources_);
      if (is_it(found)) return Again{std::move(found), to_failure(leak).kind};
    }
    return std::nullopt;
  }

  bool note_failure(const Execution& execution, const Attempt& attempt) {
    const bool ended_well = execution.result.ending == Ending::running && execution.exit_code == 0;
    if (ended_well) return false;
    std::optional<Failure> failure = judge(execution, target_.output());
    if (!failure) return false;
    ++tally_.failures;
    fold(tally_.found, to_finding(*failure, symbols(), sources_));
    if (failing_) return true;
    tally_.first_failure = tally_.schedules;
    keep_schedule(failing_, tally_.found.front(), execution, attempt);
    failing_->kind = failure->kind;
    return true;
  }

  // Equal pairs of places are symbolised once; a race of the same lines is only counted.
  void note_races(const Execution& execution, const Attempt& attempt) {
    for (const Race& race : execution.races) {
      const auto key = std::make_pair(race.earlier.stack.pc[0], race.later.stack.pc[0]);
      const auto [known, is_new] = race_places_.try_emplace(key, 0);
      if (!is_new) {
        ++tally_.races[known->second].count;
        continue;
      }
      known->second = fold(tally_.races, to_finding(race, symbols(), sources_));
      if (known_races_.size() < max_races) known_races_.push_back(race);
      if (!racing_) tally_.first_race = tally_.schedules;
      keep_schedule(racing_, tally_.races[known->second], execution, attempt);
    }
  }

  // One call that allocates may be reached in many ways: it is one finding.
  void note_leaks(const Execution& execution, const Attempt& attempt) {
    for (const Leak& leak : execution.leaks) {
      const std::vector<std::uint64_t> key(leak.stack.pc, leak.stack.pc + leak.stack.count);
      const auto [known, is_new] = leak_places_.try_emplace(key, 0);
      if (!is_new) {
        ++tally_.leaks[known->second].count;
        continue;
      }
      known->second = fold(tally_.leaks, to_finding(leak, symbols(), sources_));
      if (leaking_) continue;
      tally_.first_leak = tally_.schedules;
      keep_schedule(leaking_, tally_.leaks.back(), execution, attempt);
      leaking_->kind = to_failure(leak).kind;
    }
  }

  void keep_schedule(std::optional<Schedule>& first, const Finding& finding,
                     const Execution& execution, const Attempt& attempt) {
    if (first) return;
    first = to_schedule(plan_, attempt, execution, learner_, member_name(attempt));
    first->rule = finding.rule;
    first->message = finding.message;
  }

  std::string member_name(const Attempt& attempt) const {
    return portfolio_.tallies()[attempt.member].name;
  }

  Symbols& symbols() {
    if (!symbols_) {
      symbols_.emplace(target_.program(), target_.base(), instrumented_libraries(target_.server()));
    }
    return *symbols_;
  }

  const Plan& plan_;
  Clock::time_point began_ = Clock::now();
  Target target_;
  Portfolio portfolio_;
  Learner learner_;
  Tally tally_;
  SourceLines sources_{std::filesystem::current_path()};
  std::optional<Symbols> symbols_;
  std::vector<Race> known_races_;    ///< no news to a repetition
  std::optional<Schedule> failing_;  ///< of the first failure
  std::optional<Schedule> racing_;   ///< of the first race
  std::optional<Schedule> leaking_;  ///< of the first leak
  bool can_repeat_ = false;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::size_t> race_places_;  ///< in tally_.races
  std::map<std::vector<std::uint64_t>, std::size_t> leak_places_;  ///< by stack, in tally_.leaks
};

}  // namespace

Expected<Report> explore(const Plan& plan, Expected<void>& saved) {
  if (const Expected<void> writable = check_place(plan); !writable) return writable.error();
  Expected<Target> target = Target::start(plan.argv);
  if (!target) return target.error();
  Explorer explorer(plan, std::move(*target));
  Expected<Tally> tally = explorer.run();
  if (!tally) return tally.error();
  Report report = new_report("races");
  report.plan = to_json_object(plan);
  report.cases.push_back(grade(plan, *tally));
  report.interrupted = tally->interrupted;
  report.elapsed_ns = report.cases.front().elapsed_ns;
  saved = save_schedule(plan, *tally, report.cases.front());
  return report;
}

Expected<Report> explore(const Plan& plan) {
  Expected<void> saved;
  Expected<Report> report = explore(plan, saved);
  if (report && !saved) return saved.error();
  return report;
}

}  // namespace contend::explore
