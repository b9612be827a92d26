#include "races/explore/minimise.hpp"

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

/// Tries one shorter schedule; true, and `best` is what it did, if it fails alike with fewer
/// switches.
Expected<bool> improve(Target& target, Schedule& best, const std::vector<Choice>& shorter) {
  Instruction told = instruction_of(best);
  told.strict = false;
  const Expected<Execution> execution = target.run(told, shorter);
  if (!execution) return execution.error();
  if (unreliable(*execution)) return false;
  const std::optional<Failure> failure =
      find_failure(*execution, target.output(), best.rule, best.kind);
  if (!failure) return false;
  if (count_preemptions(execution->choices) >= count_preemptions(best.choices)) return false;
  best.choices.assign(execution->choices.begin(), execution->choices.end());
  best.hash = execution->result.hash;
  best.message = failure->message;
  return true;
}

}  // namespace

Expected<Schedule> minimise(Target& target, const Schedule& found) {
  Schedule best = found;
  int runs = 0;
  for (std::size_t i = 0; i < best.choices.size() && runs < most_runs; ++i) {
    if (!is_preemption(best.choices[i])) continue;
    for (const bool keep_rest : {false, true}) {
      ++runs;
      const Expected<bool> better = improve(target, best, without(best.choices, i, keep_rest));
      if (!better) return better.error();
      if (!*better) continue;
      i = 0;  // what is left is another schedule: from the beginning
      break;
    }
  }
  return best;
}

}  // namespace contend::explore
