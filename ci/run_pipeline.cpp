#include "ci/run_pipeline.hpp"

#include <chrono>

#include "core/host.hpp"
#include "core/interrupt.hpp"

#include "ci/merge.hpp"
#include "ci/run_step.hpp"

namespace contend::ci {
namespace {

boost::json::object step_plan(const Step& step) {
  return {{"name", step.name},
          {"command", quote_words(step.command.argv)},
          {"budget_ns", step.budget.count()}};
}

Case not_run(const Step& step) {
  return {.id = "contend/" + step.name,
          .title = step.title,
          .verdict = Verdict::skipped,
          .reason = "not run: the pipeline was interrupted before it",
          .reproduce = quote_words(step.command.argv)};
}

/// Adds what one step found to the whole report.
void absorb(Report& whole, StepResult result, const Step& step,
            const std::filesystem::path& folder) {
  boost::json::object plan = step_plan(step);
  plan["plan"] = std::move(result.report.plan);
  whole.plan["steps"].as_array().emplace_back(std::move(plan));
  whole.interrupted |= result.interrupted;
  const Report moved = merge({Part{std::move(result.report), step.log.parent_path()}}, folder);
  whole.cases.insert(whole.cases.end(), moved.cases.begin(), moved.cases.end());
}

}  // namespace

Report run_pipeline(const Pipeline& pipeline, const std::filesystem::path& folder,
                    Progress& progress) {
  const auto start = std::chrono::steady_clock::now();
  Report whole = new_report("contend");
  whole.plan = {{"pipeline", pipeline.name}, {"steps", boost::json::array()}};
  whole.cases = pipeline.broken;
  for (std::size_t i = 0; i < pipeline.steps.size(); ++i) {
    const Step& step = pipeline.steps[i];
    whole.interrupted |= interrupted();
    if (whole.interrupted) {
      whole.cases.push_back(not_run(step));
      continue;
    }
    progress.begins(step, i + 1, pipeline.steps.size());
    StepResult result = run_step(step);
    progress.ended(step, result.report);
    absorb(whole, std::move(result), step, folder);
  }
  number_repeats(whole.cases);
  whole.elapsed_ns = Nanoseconds(std::chrono::steady_clock::now() - start).count();
  return whole;
}

}  // namespace contend::ci
