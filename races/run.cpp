#include "races/run.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/host.hpp"
#include "core/interrupt.hpp"
#include "core/process.hpp"

namespace contend::races {
namespace {

std::string case_id(const ExperimentFacts& experiment, const Lens& lens) {
  return fmt::format("races/{}/{}", experiment.name, lens.name);
}

std::string run_again(const Plan& plan, const ExperimentFacts& experiment, const Lens& lens) {
  return quote_words(
      {"races", "run", experiment.name, "--modes", lens.name, "--seed", std::to_string(plan.seed)});
}

Case look(const Plan& plan, const ExperimentFacts& experiment, const Lens& lens) {
  Case seen = lens.look({.experiment = experiment,
                         .programs = plan.programs,
                         .budget = plan.time,
                         .seed = plan.seed});
  seen.id = case_id(experiment, lens);
  seen.title = experiment.title;
  seen.source = experiment.source;
  if (seen.reproduce.empty()) seen.reproduce = run_again(plan, experiment, lens);
  if (!plan.catalogue_option.empty()) {
    seen.reproduce += fmt::format(" {}", quote_words({"--catalogue", plan.catalogue_option}));
  }
  return seen;
}

/// What is wrong with a lens, judged by its canaries; empty if nothing is.
std::string complaint_about(const Lens& lens, const Report& report, const Plan& plan) {
  for (const ExperimentFacts& canary : plan.canaries) {
    const auto seen = std::ranges::find(report.cases, case_id(canary, lens), &Case::id);
    if (seen == report.cases.end()) return "its canaries did not run";
    if (seen->verdict != Verdict::passed) {
      return fmt::format(
          "{} ({}: {})", canary.name,
          canary.is_broken ? "a race that it must find" : "a lock on which it must be silent",
          seen->reason);
    }
  }
  return "";
}

bool is_of(const Case& in, const Lens& lens) {
  return in.id.ends_with(fmt::format("/{}", lens.name)) && !in.id.starts_with("races/canary/");
}

}  // namespace

void heed_canaries(Report& report, const Plan& plan) {
  for (const Lens* lens : plan.lenses) {
    const std::string complaint = complaint_about(*lens, report, plan);
    if (complaint.empty()) continue;
    for (Case& each : report.cases) {
      if (!is_of(each, *lens) || each.verdict > Verdict::inconclusive) continue;
      each.verdict = Verdict::inconclusive;
      each.reason = fmt::format("the {} lens cannot be trusted: its canary failed: {}", lens->name,
                                complaint);
    }
  }
}

Report run(const Plan& plan, const OnCase& on_case) {
  Report report = new_report("races");
  report.plan = to_json(plan);
  const auto began = std::chrono::steady_clock::now();
  std::vector<ExperimentFacts> all = plan.canaries;
  all.insert(all.end(), plan.experiments.begin(), plan.experiments.end());
  const std::size_t cases = all.size() * plan.lenses.size();
  for (const ExperimentFacts& experiment : all) {
    for (const Lens* lens : plan.lenses) {
      if (interrupted()) break;
      on_case(report.cases.size() + 1, cases, case_id(experiment, *lens));
      report.cases.push_back(look(plan, experiment, *lens));
    }
  }
  report.interrupted = interrupted();
  report.elapsed_ns = std::chrono::nanoseconds(std::chrono::steady_clock::now() - began).count();
  heed_canaries(report, plan);
  return report;
}

}  // namespace contend::races
