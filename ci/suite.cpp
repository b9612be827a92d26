#include "ci/suite.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/file.hpp"
#include "core/sanitizer_report.hpp"

#include "ci/junit_reader.hpp"
#include "ci/tail.hpp"

namespace contend::ci {
namespace {

/// Each process of the suite writes PREFIX.PID.
std::filesystem::path log_prefix(const Step& step) {
  return step.log.parent_path() / (step.name + ".tsan");
}

std::vector<std::filesystem::path> sanitizer_logs(const Step& step) {
  std::vector<std::filesystem::path> out;
  std::error_code ignored;
  const std::string prefix = log_prefix(step).filename().string() + ".";
  for (const auto& entry : std::filesystem::directory_iterator(step.log.parent_path(), ignored)) {
    if (entry.path().filename().string().starts_with(prefix)) out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

void add_findings(Case& to, const SanitizerLog& log) {
  for (const Finding& finding : log.findings) {
    const auto same = std::ranges::find(to.findings, finding.fingerprint, &Finding::fingerprint);
    if (same == to.findings.end()) {
      to.findings.push_back(finding);
    } else {
      same->count += finding.count;
    }
  }
  if (!log.broken) return;
  to.verdict = Verdict::errored;
  to.reason = *log.broken;
}

void read_logs(Case& to, const Step& step) {
  for (const auto& path : sanitizer_logs(step)) {
    to.artifacts.push_back(path.filename().string());
    if (const auto text = read_file(path))
      add_findings(to, read_sanitizer_log(*text, step.command.folder));
  }
  // A runtime that cannot start, and a program that sets its own log, tell standard error.
  if (const auto text = read_file(step.log))
    add_findings(to, read_sanitizer_log(*text, step.command.folder));
}

Case suite_case(const Step& step, const Exit& exit) {
  Case out{.id = "suite/" + step.suite, .title = quote_words(step.command.argv)};
  out.reproduce = out.title;
  out.verdict = exit.ok() ? Verdict::passed : Verdict::failed;
  out.reason = exit.ok() ? "exited with 0, and no sanitizer said anything"
                         : "it " + describe(exit) + last_words(step.log);
  read_logs(out, step);
  if (out.findings.empty() || out.verdict == Verdict::errored) return out;
  out.verdict = Verdict::failed;
  out.reason = fmt::format("{} finding{} of its sanitizers; it {}", out.findings.size(),
                           out.findings.size() == 1 ? "" : "s", describe(exit));
  return out;
}

/// The tests of the step's JUnit file go behind the suite's own case.
void add_tests(std::vector<Case>& to, const Step& step) {
  Case& whole = to.front();
  const Expected<std::string> text = read_file(step.junit);
  const Expected<std::vector<Case>> tests =
      text ? read_junit(*text, step.suite) : Expected<std::vector<Case>>(text.error());
  if (!tests) {
    whole.verdict = Verdict::errored;
    whole.reason = fmt::format("reading what it says of its tests, {}: {}; {}", step.junit.string(),
                               tests.error().message, whole.reason);
    return;
  }
  whole.artifacts.push_back(step.junit.filename().string());
  whole.metrics.push_back({.name = "tests", .value = static_cast<double>(tests->size())});
  to.insert(to.end(), tests->begin(), tests->end());
}

}  // namespace

Command with_sanitizer_logs(const Step& step) {
  std::error_code ignored;
  for (const auto& old : sanitizer_logs(step)) std::filesystem::remove(old, ignored);
  Command command = step.command;
  command.env.emplace_back("TSAN_OPTIONS", tsan_options(log_prefix(step).string()));
  return command;
}

std::vector<Case> suite_cases(const Step& step, const Exit& exit) {
  std::vector<Case> cases{suite_case(step, exit)};
  if (!step.junit.empty() && !exit.timed_out) add_tests(cases, step);
  return cases;
}

}  // namespace contend::ci
