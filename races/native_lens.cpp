// The native lens: no instrumentation at all, so that what is counted is what the machine does.
#include "races/grade.hpp"
#include "races/lens.hpp"
#include "races/supervise.hpp"

namespace contend::races {

Case look_natively(const Task& task) {
  const KnownSight* sight = sight_of(task.experiment, "native");
  const bool awaits =
      task.experiment.is_broken && (sight == nullptr || sight->sees == Sees::defect);
  const auto tally =
      run_experiment(task, "native", awaits ? "outcome" : "nothing", std::chrono::seconds(1));
  if (!tally) return {.verdict = Verdict::errored, .reason = tally.error().message};
  return grade_native(task.experiment, *tally);
}

}  // namespace contend::races
