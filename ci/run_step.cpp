#include "ci/run_step.hpp"

#include <chrono>
#include <optional>

#include <fmt/format.h>

#include "core/report_json.hpp"

#include "ci/expect.hpp"
#include "ci/server_stats.hpp"
#include "ci/suite.hpp"
#include "ci/tail.hpp"

namespace contend::ci {
namespace {

/// A program of ours exits with its report's verdict; any other code means that it broke.
bool agrees(const Exit& exit, const Report& report) {
  return exit.code && *exit.code == exit_code(report);
}

/// Why a step that should have left a report is broken, or nothing.
std::optional<std::string> what_broke(const Exit& exit, const Expected<Report>& report) {
  if (exit.interrupted) return std::nullopt;
  if (!exit.code || exit.timed_out) return "the step " + describe(exit);
  if (!report) return fmt::format("the step {}, {}", describe(exit), report.error().message);
  if (!agrees(exit, *report)) {
    return fmt::format("the step {}, but its report says {}", describe(exit),
                       to_string(overall(*report)));
  }
  if (report->cases.empty()) return "the step reported no case";
  return std::nullopt;
}

Case broken_now(const Step& step, const std::string& why) {
  Case out = broken_step(step.name, step.title, why + last_words(step.log));
  out.reproduce = quote_words(step.command.argv);
  return out;
}

StepResult collect(const Step& step, const Exit& exit) {
  Expected<Report> report = load_report(step.report);
  const std::optional<std::string> broke = what_broke(exit, report);
  StepResult result{.interrupted = exit.interrupted};
  if (report) result.report = std::move(*report);
  result.interrupted |= result.report.interrupted;
  if (!step.stats.empty()) {
    for (Case& each : result.report.cases) add_server_stats(each, step.stats);
  }
  if (broke) result.report.cases.push_back(broken_now(step, *broke));
  return result;
}

StepResult collect_suite(const Step& step, const Exit& exit) {
  StepResult result{.interrupted = exit.interrupted};
  if (!exit.interrupted) result.report.cases = suite_cases(step, exit);
  return result;
}

/// Runs the command and reads what it left behind.
StepResult run_and_collect(const Step& step) {
  std::error_code ignored;
  for (const auto& old :
       {step.report, step.stats, step.junit}) {  // or they would be taken for this run's
    if (!old.empty()) std::filesystem::remove(old, ignored);
  }
  Command command = step.suite.empty() ? step.command : with_sanitizer_logs(step);
  command.stdout_to = command.stderr_to = step.log;
  const Expected<Exit> exit = run(command, step.budget);
  if (exit) return step.suite.empty() ? collect(step, *exit) : collect_suite(step, *exit);
  StepResult result;
  result.report.cases.push_back(broken_now(step, exit.error().message));
  return result;
}

}  // namespace

Case broken_step(const std::string& name, const std::string& title, std::string reason) {
  return {.id = "contend/" + name,
          .title = title,
          .verdict = Verdict::errored,
          .reason = std::move(reason)};
}

StepResult run_step(const Step& step) {
  const auto start = std::chrono::steady_clock::now();
  StepResult result = run_and_collect(step);
  const auto elapsed_ns = Nanoseconds(std::chrono::steady_clock::now() - start).count();
  for (Case& each : result.report.cases) {
    if (each.elapsed_ns == 0) each.elapsed_ns = elapsed_ns;
    if (step.expect == Expect::defect) expect_defect(each, step.defect);
    each.artifacts.push_back(step.log.filename().string());
  }
  return result;
}

}  // namespace contend::ci
