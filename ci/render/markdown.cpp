#include "ci/render/markdown.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "core/summary.hpp"
#include "core/units.hpp"

#include "ci/render/escape.hpp"
#include "ci/render/lanes.hpp"
#include "ci/render/plain_text.hpp"
#include "ci/render/tables.hpp"

namespace contend::ci {
namespace {

std::string headline(const Report& report) {
  std::string word = to_string(overall(report));
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::toupper(c); });
  return fmt::format("### Contend: {}\n\n{}{} in {}, started {}.\n\n", word,
                     report.cases.empty() ? "nothing ran" : count_verdicts(report),
                     report.interrupted ? ", interrupted" : "",
                     format_duration(Nanoseconds(report.elapsed_ns)),
                     escape_markdown(report.started_utc));
}

std::string case_table(const std::vector<const Case*>& cases) {
  if (cases.empty()) return "";
  std::string text =
      "| verdict | case | expects | reason | time |\n| --- | --- | --- | --- | ---: |\n";
  for (const Case* each : cases) {
    text +=
        fmt::format("| {} | {} | {} | {} | {} |\n", to_string(each->verdict),
                    markdown_code(each->id), each->expect == Expect::defect ? "defect" : "clean",
                    escape_markdown(each->reason), format_duration(Nanoseconds(each->elapsed_ns)));
  }
  return text + "\n";
}

std::string markdown_metrics(const Report& report, const MetricTable& table) {
  if (!table.has_rows(report)) return "";
  std::string heading = "| case |";
  std::string rule = "| --- |";
  for (const Column& column : table.columns) {
    heading += fmt::format(" {} |", column.heading);
    rule += column.is_rule ? " --- |" : " ---: |";
  }
  std::string rows;
  for (const Case& each : report.cases) {
    if (!table.has_row(each)) continue;
    rows += fmt::format("| {} |", markdown_code(each.id));
    for (const Column& column : table.columns) {
      rows += fmt::format(" {} |", escape_markdown(cell(column, each).text));
    }
    rows += "\n";
  }
  return fmt::format("#### {}\n\n{}\n{}\n{}\n", table.title, heading, rule, rows);
}

std::string markdown_baseline(const Report& report) {
  std::string rows;
  for (const ChangeRow& each : changes_of(report)) {
    rows += fmt::format("| {} | {} | {} | {} |\n", markdown_code(each.of),
                        escape_markdown(each.metric), each.change, escape_markdown(each.judgement));
  }
  if (rows.empty()) return "";
  return "#### Against the baseline\n\n| case | metric | change | judgement |\n"
         "| --- | --- | ---: | --- |\n" +
         rows + "\n";
}

std::string folded(std::string_view summary, const std::string& body) {
  return fmt::format("<details><summary>{}</summary>\n\n{}\n</details>\n\n", summary, body);
}

std::string details(const Case& of) {
  std::string body;
  if (const std::string outcomes = outcomes_text(of); !outcomes.empty()) {
    body += markdown_block(outcomes) + "\n";
  }
  for (const Finding& each : of.findings) body += markdown_block(finding_text(each)) + "\n";
  if (!of.lanes.empty()) body += markdown_lanes(of.lanes) + "\n";
  if (!of.reproduce.empty()) body += "Reproduce:\n\n" + markdown_block(of.reproduce) + "\n";
  for (const std::string& artifact : of.artifacts) {
    body += "- artifact " + markdown_code(artifact) + "\n";
  }
  if (body.empty()) return "";
  const std::string title = of.title.empty() ? of.id : of.id + ": " + of.title;
  return folded(escape_xml(title), body);
}

std::string host(const Host& host) {
  return fmt::format("{} × {}, {}, {}, sanitizer {}, {} build, revision {}\n", host.cpus,
                     escape_markdown(host.model), escape_markdown(host.kernel),
                     escape_markdown(host.compiler), escape_markdown(host.sanitizer),
                     escape_markdown(host.build_type), escape_markdown(host.revision));
}

}  // namespace

std::string render_markdown(const Report& report) {
  const std::vector<const Case*> cases = worst_first(report);
  std::string text = headline(report) + case_table(cases);
  for (const MetricTable& table : metric_tables()) text += markdown_metrics(report, table);
  text += markdown_baseline(report);
  if (!cases.empty()) text += "#### Details\n\n";
  for (const Case* each : cases) text += details(*each);
  return text + "#### Machine\n\n" + host(report.host);
}

}  // namespace contend::ci
