// The explorer's lens: the objects that the ThreadSanitizer lens links, under controlled schedules.
#include <filesystem>

#include "core/process.hpp"

#include "races/explore/explorer.hpp"
#include "races/lens.hpp"

namespace contend::races {
namespace {

explore::Plan plan_of(const Task& task) {
  explore::Plan plan;
  plan.argv = {task.programs.string() + "-explore", task.experiment.name};
  plan.name = task.experiment.name;
  plan.seed = task.seed;
  plan.budget = task.budget;
  return plan;
}

// Finds the same schedule, shows it and leaves it in a file.
std::string explore_again(const explore::Plan& plan, const Task& task) {
  std::vector<std::string> words{"races", "explore", task.experiment.name, "--seed",
                                 std::to_string(plan.seed)};
  if (plan.memory == explore::Memory::weak) words.insert(words.end(), {"--memory", "weak"});
  return quote_words(words);
}

// A defect that is expected is a note, not an error; one that stays unseen leaves it open.
void judge_broken(Case& seen) {
  const bool found = seen.verdict == Verdict::failed;
  seen.expect = Expect::defect;
  for (Finding& finding : seen.findings) finding.level = Level::note;
  if (found) {
    seen.verdict = Verdict::passed;
  } else if (seen.verdict == Verdict::passed) {
    seen.verdict = Verdict::inconclusive;
    seen.reason = "the defect was not seen: " + seen.reason;
  }
}

}  // namespace

Case look_by_exploring(const Task& task) {
  explore::Plan plan = plan_of(task);
  Expected<Report> report = explore::explore(plan);
  if (report && task.experiment.is_broken && report->cases.at(0).verdict == Verdict::passed) {
    plan.memory = explore::Memory::weak;  // no schedule fails: it may take a stale value
    report = explore::explore(plan);
  }
  if (!report) return {.verdict = Verdict::errored, .reason = report.error().message};
  Case seen = report->cases.at(0);
  if (seen.verdict == Verdict::failed) seen.reproduce = explore_again(plan, task);
  const KnownSight* sight = sight_of(task.experiment, "explore");
  if (sight != nullptr && sight->sees == Sees::blind) {
    seen.reason += " (this lens is known not to see it: " + sight->why + ")";
  } else if (task.experiment.is_broken) {
    judge_broken(seen);
  }
  return seen;
}

}  // namespace contend::races
