#include "races/explore/minimise.hpp"

#include <algorithm>
#include <optional>
#include <span>

#include "races/explore/bounded_search.hpp"
#include "races/explore/judge.hpp"

namespace contend::explore {
namespace {

constexpr int most_runs = 300;

bool is_preemption(const Choice& choice) {
  return choice.kind == ChoiceKind::thread && choice.may_continue && choice.picked != 0;
}

/// The same choices up to `at`, where the running thread now goes on; with or without those after
/// it.
std::vector<Choice> without(std::span<const Choice> choices, std::size_t at, bool keep_rest) {
  std::vector<Choice> fewer(
      choices.begin(),
      keep_rest ? choices.end() : choices.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  fewer[at].picked = 0;
  for (std::size_t i = at; i < fewer.size(); ++i) fewer[i].check = 0;
  return fewer;
}

/// How many choices were the schedule's: in a livelock the rest are the loop, by chance.
std::size_t own_choices(const Execution& execution) {
  return std::min<std::size_t>(execution.result.fair_from, execution.choices.size());
}

/// A schedule, and how much of it is worth looking at.
struct Found {
  Schedule schedule;
  std::size_t own = 0;

  std::uint32_t preemptions() const {
    return count_preemptions(std::span(schedule.choices).first(own));
  }
};

/// What a schedule does; none if it does not fail as `best` does.
Expected<std::optional<Found>> run_it(Target& target, const Schedule& best,
                                      const std::vector<Choice>& choices) {
  Instruction told = instruction_of(best);
  told.strict = false;
  const Expected<Execution> execution = target.run(told, choices);
  if (!execution) return execution.error();
  if (unreliable(*execution)) return std::nullopt;
  const std::optional<Failure> failure =
      find_failure(*execution, target.output(), best.rule, best.kind);
  if (!failure) return std::nullopt;
  Found found{best, own_choices(*execution)};
  found.schedule.choices.assign(execution->choices.begin(), execution->choices.end());
  found.schedule.hash = execution->result.hash;
  found.schedule.message = failure->message;
  return found;
}

}  // namespace

Expected<Schedule> minimise(Target& target, const Schedule& found) {
  Expected<std::optional<Found>> again = run_it(target, found, found.choices);
  if (!again) return again.error();
  if (!*again) return found;
  Found best = std::move(**again);
  int runs = 1;
  for (std::size_t i = 0; i < best.own && runs < most_runs; ++i) {
    if (!is_preemption(best.schedule.choices[i])) continue;
    for (const bool keep_rest : {false, true}) {
      ++runs;
      Expected<std::optional<Found>> other =
          run_it(target, best.schedule, without(best.schedule.choices, i, keep_rest));
      if (!other) return other.error();
      if (!*other || (*other)->preemptions() >= best.preemptions()) continue;
      best = std::move(**other);
      i = 0;  // what is left is another schedule: from the beginning
      break;
    }
  }
  return std::move(best.schedule);
}

}  // namespace contend::explore
