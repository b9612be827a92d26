#include "ci/render/html_findings.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "ci/render/escape.hpp"
#include "ci/render/plain_text.hpp"
#include "ci/render/rules.hpp"

namespace contend::ci {
namespace {

/// A finding and the cases that have it.
struct Found {
  Finding finding;
  std::vector<std::string> cases;
};

std::vector<Found> folded(const Report& report) {
  std::vector<Found> out;
  for (const Case& each : report.cases) {
    for (const Finding& finding : each.findings) {
      const auto same = std::ranges::find_if(out, [&](const Found& found) {
        return !finding.fingerprint.empty() && found.finding.fingerprint == finding.fingerprint;
      });
      if (same == out.end()) {
        out.push_back({finding, {each.id}});
        continue;
      }
      same->cases.push_back(each.id);
      same->finding.count += finding.count;
      same->finding.level = std::max(same->finding.level, finding.level);
    }
  }
  std::ranges::stable_sort(out, std::greater<>{},
                           [](const Found& found) { return found.finding.level; });
  return out;
}

/// The line with two before and two after it.
std::string source_lines(const Frame& frame, Sources& sources) {
  if (sources.line(frame.file, frame.line) == nullptr) return "";
  std::string text;
  for (std::int64_t number = frame.line - 2; number <= frame.line + 2; ++number) {
    const std::string* line = sources.line(frame.file, number);
    if (line == nullptr) continue;
    const std::string shown = fmt::format("{:>5}  {}", number, escape_xml(*line));
    text += number == frame.line ? "<mark>" + shown + "</mark>" : shown + "\n";
  }
  return "<pre class=\"source\">" + text + "</pre>";
}

/// The innermost frame whose source can be shown.
const Frame* shown_frame(const std::vector<Frame>& stack, Sources& sources) {
  const auto found = std::ranges::find_if(
      stack, [&](const Frame& each) { return sources.line(each.file, each.line) != nullptr; });
  return found == stack.end() ? nullptr : &*found;
}

std::string stack(const Finding& finding, std::size_t index, Sources& sources) {
  const std::string label = index < finding.labels.size() ? finding.labels[index] : "stack";
  std::string text = fmt::format("<div><h4>{}</h4>", escape_xml(label));
  if (const Frame* frame = shown_frame(finding.stacks[index], sources)) {
    text += source_lines(*frame, sources);
  }
  text += "<ol class=\"frames\" start=\"0\">";
  for (const Frame& frame : finding.stacks[index]) {
    text += "<li>" + escape_xml(frame_text(frame)) + "</li>";
  }
  return text + "</ol></div>\n";
}

/// Two accesses side by side; where threads and locks came from is folded away.
std::string stacks(const Finding& finding, Sources& sources) {
  std::string sides;
  std::string more;
  for (std::size_t i = 0; i < finding.stacks.size(); ++i) {
    (i < 2 ? sides : more) += stack(finding, i, sources);
  }
  std::string text = "<div class=\"sides\">\n" + sides + "</div>\n";
  if (more.empty()) return text;
  return text + "<details><summary>where the threads and locks come from</summary>\n" + more +
         "</details>\n";
}

const char* word(Level level) {
  return level == Level::note ? "expected" : level == Level::warning ? "warning" : "error";
}

std::string card(const Found& found, Sources& sources) {
  const Finding& finding = found.finding;
  const char* colour = finding.level == Level::error ? "failed" : "dim";
  std::string cases;
  for (const std::string& each : found.cases) cases += (cases.empty() ? "" : ", ") + each;
  return fmt::format(
      "<article class=\"card\">\n<h3><span class=\"badge {}\">{}</span> {}: {}</h3>\n"
      "<p class=\"dim\">seen {}, in <code>{}</code>; fingerprint <code>{}</code></p>\n{}"
      "<p>{}</p>\n</article>\n",
      colour, word(finding.level), escape_xml(finding.rule), escape_xml(finding.message),
      finding.count == 1 ? "once" : fmt::format("{} times", finding.count), escape_xml(cases),
      escape_xml(finding.fingerprint), stacks(finding, sources),
      escape_xml(find_rule(finding.rule).remedy));
}

}  // namespace

std::string html_findings(const Report& report, Sources& sources) {
  std::string text;
  for (const Found& each : folded(report)) text += card(each, sources);
  if (text.empty()) return "";
  return "<section id=\"findings\">\n<h2>Findings</h2>\n" + text + "</section>\n";
}

}  // namespace contend::ci
