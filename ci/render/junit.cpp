// What readers make of the format: GitLab names a suite by `classname` and, of two tests with one
// name, counts the first only; it shows what stands inside an element, others its message, so each
// reason is in both; Jenkins splits `classname` at its last dot into package and class;
// neither shows output that stands outside a test case. [[ATTACHMENT|path]] is GitLab's link to an
// artifact. The schema that Jenkins publishes knows no properties in a test case and no skipped in
// the root, so the metrics stand in the test case's output.
#include "ci/render/junit.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "ci/render/escape.hpp"
#include "ci/render/plain_text.hpp"

namespace contend::ci {
namespace {

/// Three decimals: some readers fail on an exponent, and on more digits.
std::string seconds(std::int64_t nanoseconds) {
  return fmt::format("{:.3f}", static_cast<double>(nanoseconds) / 1e9);
}

std::string class_name(const Case& of) {
  std::string name = of.id.substr(0, of.id.rfind('/'));
  std::ranges::replace(name, '.', '_');
  std::ranges::replace(name, '/', '.');
  return name;
}

std::string counts(std::span<const Case> cases) {
  const auto of = [&](Verdict verdict) {
    return std::ranges::count(cases, verdict, &Case::verdict);
  };
  std::int64_t elapsed_ns = 0;
  for (const Case& each : cases) elapsed_ns += each.elapsed_ns;
  return fmt::format(R"(tests="{}" failures="{}" errors="{}" time="{}")", cases.size(),
                     of(Verdict::failed), of(Verdict::errored), seconds(elapsed_ns));
}

std::string skipped(std::span<const Case> cases) {
  const auto not_judged = [](const Case& each) {
    return each.verdict == Verdict::skipped || each.verdict == Verdict::inconclusive;
  };
  return fmt::format("skipped=\"{}\"", std::ranges::count_if(cases, not_judged));
}

std::string metrics(const Case& of) {
  std::string text = fmt::format("verdict: {}\n", to_string(of.verdict));
  if (of.expect == Expect::defect) text += "expects: a defect\n";
  for (const Metric& each : of.metrics) {
    text += fmt::format("{}: {}\n", each.name, metric_value(each));
  }
  return text;
}

std::string findings(const Case& of) {
  std::string text;
  for (const Finding& each : of.findings) text += finding_text(each);
  return text;
}

std::string judgement(const Case& of) {
  const std::string message = escape_xml(of.reason);
  switch (of.verdict) {
    case Verdict::passed:
      return "";
    case Verdict::skipped:
      return fmt::format("      <skipped message=\"{0}\">{0}</skipped>\n", message);
    case Verdict::inconclusive:
      return fmt::format(
          "      <skipped message=\"inconclusive: {0}\">inconclusive: {0}</skipped>\n", message);
    case Verdict::failed:
    case Verdict::errored:
      break;
  }
  const bool failed = of.verdict == Verdict::failed;
  return fmt::format("      <{0} message=\"{1}\" type=\"{2}\">{1}\n{3}</{0}>\n",
                     failed ? "failure" : "error", message, to_string(of.verdict),
                     escape_xml_block(findings(of)));
}

std::string output(const Case& of) {
  std::string text = of.title + "\n";
  if (of.verdict == Verdict::passed) text += of.reason + "\n";
  text += outcomes_text(of);
  // Of a failed case they stand in its failure already.
  if (of.verdict != Verdict::failed && of.verdict != Verdict::errored) text += findings(of);
  if (!of.reproduce.empty()) text += "reproduce: " + of.reproduce + "\n";
  text += metrics(of);
  for (const std::string& artifact : of.artifacts) text += "[[ATTACHMENT|" + artifact + "]]\n";
  return "      <system-out>" + escape_xml_block(text) + "</system-out>\n";
}

std::string test_case(const Case& of) {
  std::string place;
  if (of.source) {
    place = fmt::format(R"( file="{}" line="{}")", escape_xml(of.source->file), of.source->line);
  }
  return fmt::format(
      "    <testcase classname=\"{}\" name=\"{}\" time=\"{}\"{}>\n{}{}    </testcase>\n",
      escape_xml(class_name(of)), escape_xml(of.id), seconds(of.elapsed_ns), place, judgement(of),
      output(of));
}

std::string suite(const Report& report, const std::string& room) {
  std::vector<Case> cases;
  std::ranges::copy_if(report.cases, std::back_inserter(cases),
                       [&](const Case& each) { return room_of(each) == room; });
  // An ISO time without its zone letter, as the JUnit schemas have it.
  std::string timestamp = report.started_utc;
  if (timestamp.ends_with('Z')) timestamp.pop_back();
  std::string text =
      fmt::format("  <testsuite name=\"{}\" {} {} timestamp=\"{}\">\n", escape_xml(room),
                  counts(cases), skipped(cases), escape_xml(timestamp));
  for (const Case& each : cases) text += test_case(each);
  return text + "  </testsuite>\n";
}

/// A file without a test case counts as green with some readers, and nothing ran is not green.
Report with_nothing_ran(Report report) {
  report.cases.push_back({.id = "contend/nothing-ran",
                          .title = "an empty report",
                          .verdict = Verdict::inconclusive,
                          .reason = "nothing ran"});
  return report;
}

}  // namespace

std::string render_junit(const Report& report) {
  if (report.cases.empty()) return render_junit(with_nothing_ran(report));
  std::vector<std::string> rooms;
  for (const Case& each : report.cases) {
    if (std::ranges::find(rooms, room_of(each)) == rooms.end()) rooms.push_back(room_of(each));
  }
  std::string text =
      fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"contend\" {}>\n",
                  counts(report.cases));
  for (const std::string& room : rooms) text += suite(report, room);
  return text + "</testsuites>\n";
}

}  // namespace contend::ci
