// The content security policy lets nothing in and nothing out, so that even text which escaped its
// element could fetch and send nothing. Tables and verdicts are plain HTML; the script adds charts
// and a filter, and reads its numbers from a JSON block in which no markup can stand.
#include "ci/render/html.hpp"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "core/summary.hpp"
#include "core/units.hpp"

#include "ci/render/chart_data.hpp"
#include "ci/render/escape.hpp"
#include "ci/render/html_findings.hpp"
#include "ci/render/lanes.hpp"
#include "ci/render/page_assets.hpp"
#include "ci/render/plain_text.hpp"
#include "ci/render/tables.hpp"

namespace contend::ci {
namespace {

std::string duration(std::int64_t nanoseconds) {
  return escape_xml(format_duration(Nanoseconds(nanoseconds)));
}

std::string badge(Verdict verdict) {
  return fmt::format("<span class=\"badge {0}\">{0}</span>", to_string(verdict));
}

std::string header(const Report& report) {
  return fmt::format(
      "<header>\n<h1>Contend {}</h1>\n<p>{}{} in {} · started {} · {} {} · revision "
      "<code>{}</code></p>\n</header>\n",
      badge(overall(report)), report.cases.empty() ? "nothing ran" : count_verdicts(report),
      report.interrupted ? ", interrupted" : "", duration(report.elapsed_ns),
      escape_xml(report.started_utc), escape_xml(report.tool), escape_xml(report.version),
      escape_xml(report.host.revision));
}

std::string reproduce(const Case& of) {
  if (of.reproduce.empty()) return "";
  return "<details><summary>reproduce</summary><pre>" + escape_xml_block(of.reproduce) +
         "</pre></details>";
}

std::string artifacts(const Case& of) {
  std::string text;
  for (const std::string& each : of.artifacts) {
    text += (text.empty() ? "" : ", ") + fmt::format("<code>{}</code>", escape_xml(each));
  }
  return text.empty() ? "" : "<div class=\"dim\">artifacts: " + text + "</div>";
}

std::string case_table(const Report& report) {
  std::string rows;
  for (const Case* each : worst_first(report)) {
    rows += fmt::format(
        "<tr data-verdict=\"{}\"><td>{}</td><td><code>{}</code><div class=\"dim\">{}</div></td>"
        "<td>{}</td><td>{}{}{}</td><td class=\"number\">{}</td></tr>\n",
        to_string(each->verdict), badge(each->verdict), escape_xml(each->id),
        escape_xml(each->title), each->expect == Expect::defect ? "a defect" : "clean",
        escape_xml(each->reason), reproduce(*each), artifacts(*each), duration(each->elapsed_ns));
  }
  return "<section>\n<h2>Cases</h2>\n<div id=\"filter\"></div>\n<div class=\"scroll\"><table "
         "id=\"cases\">\n<thead><tr><th>verdict</th><th>case</th><th>expects</th><th>reason</th>"
         "<th class=\"number\">time</th></tr></thead>\n<tbody>\n" +
         rows + "</tbody>\n</table></div>\n</section>\n";
}

bool has_charts(const boost::json::object& data) {
  return std::ranges::any_of(data,
                             [](const auto& kind) { return !kind.value().as_array().empty(); });
}

/// Hidden where there are none: the script looks for its place.
std::string charts(const boost::json::object& data) {
  if (page_script().empty()) return "";
  const std::string begin = has_charts(data) ? "<section>" : "<section hidden>";
  return begin +
         "\n<h2>Charts</h2>\n<div id=\"charts\"></div>\n<noscript><p class=\"dim\">Charts "
         "need JavaScript; every number they show stands in the tables.</p></noscript>\n"
         "</section>\n";
}

std::string metric_cell(const Metric& metric) {
  if (metric.value) return escape_xml(format_quantity(*metric.value, metric.unit));
  return "<span class=\"dim\">" + escape_xml(metric_value(metric)) + "</span>";
}

/// For a table with many columns: why there is no number is a tooltip, and stands in full below.
std::string short_cell(const Cell& of) {
  if (of.why.empty()) return escape_xml(of.text);
  return fmt::format("<span class=\"dim\" title=\"{}\">{}</span>", escape_xml(of.why),
                     escape_xml(of.text));
}

/// A row for each metric of a case; a change against a baseline has its words in `why`.
std::string metric_rows(const Case& of) {
  std::string rows;
  for (const Metric& each : of.metrics) {
    std::string remark;
    if (each.limit) remark = "limit " + format_quantity(*each.limit, each.unit);
    if (each.value && each.why) remark += (remark.empty() ? "" : "; ") + *each.why;
    rows += fmt::format("<tr><td>{}</td><td class=\"number\">{}</td><td>{}</td></tr>\n",
                        escape_xml(each.name), metric_cell(each), escape_xml(remark));
  }
  return rows;
}

std::string outcome_table(const Case& of) {
  if (of.outcomes.empty()) return "";
  std::int64_t all = 0;
  for (const Outcome& each : of.outcomes) all += each.count;
  std::string rows;
  for (const Outcome& each : of.outcomes) {
    const double share =
        all > 0 ? 100.0 * static_cast<double>(each.count) / static_cast<double>(all) : 0.0;
    rows += fmt::format(
        "<tr><td><code>{}</code></td><td class=\"number\">{}</td><td class=\"number\">{:.4g} %</td>"
        "<td class=\"{}\">{}</td><td>{}</td></tr>\n",
        escape_xml(each.seen), format_count(each.count), share, to_string(each.grade),
        to_string(each.grade), escape_xml(each.why));
  }
  return "<div class=\"scroll\"><table><thead><tr><th>outcome</th><th class=\"number\">count</th>"
         "<th class=\"number\">share</th><th>grade</th><th>why</th></tr></thead><tbody>\n" +
         rows + "</tbody></table></div>\n";
}

std::string measured(const Case& of) {
  if (of.outcomes.empty() && of.metrics.empty()) return "";
  std::string metrics = metric_rows(of);
  if (!metrics.empty()) {
    metrics = "<details><summary>" + std::to_string(of.metrics.size()) +
              " metrics</summary><div class=\"scroll\"><table><tbody>\n" + metrics +
              "</tbody></table></div></details>\n";
  }
  return fmt::format("<article class=\"card\">\n<h3>{} <code>{}</code></h3>\n{}{}</article>\n",
                     badge(of.verdict), escape_xml(of.id), outcome_table(of), metrics);
}

const char* number_class(const Column& column) {
  return column.is_rule ? "" : " class=\"number\"";
}

std::string html_metrics(const Report& report, const MetricTable& table) {
  if (!table.has_rows(report)) return "";
  std::string heading;
  for (const Column& column : table.columns) {
    heading += fmt::format("<th{}>{}</th>", number_class(column), column.heading);
  }
  std::string rows;
  for (const Case& each : report.cases) {
    if (!table.has_row(each)) continue;
    rows += fmt::format("<tr><td><code>{}</code></td>", escape_xml(each.id));
    for (const Column& column : table.columns) {
      rows += fmt::format("<td{}>{}</td>", number_class(column), short_cell(cell(column, each)));
    }
    rows += "</tr>\n";
  }
  return fmt::format(
      "<section>\n<h2>{}</h2>\n<div class=\"scroll\"><table><thead><tr><th>case</th>{}</tr></thead>"
      "<tbody>\n{}</tbody></table></div>\n</section>\n",
      table.title, heading, rows);
}

std::string html_metric_tables(const Report& report) {
  std::string text;
  for (const MetricTable& table : metric_tables()) text += html_metrics(report, table);
  return text;
}

const char* change_class(const std::string& judgement) {
  if (judgement.starts_with("worse")) return "failed";
  return judgement.starts_with("better") ? "passed" : "dim";
}

std::string html_baseline(const Report& report) {
  std::string rows;
  for (const ChangeRow& each : changes_of(report)) {
    const char* of = change_class(each.judgement);
    rows += fmt::format(
        "<tr><td><code>{}</code></td><td>{}</td><td class=\"number {}\">{}</td><td class=\"{}\">{}"
        "</td></tr>\n",
        escape_xml(each.of), escape_xml(each.metric), of, escape_xml(each.change), of,
        escape_xml(each.judgement));
  }
  if (rows.empty()) return "";
  return "<section>\n<h2>Against the baseline</h2>\n<div class=\"scroll\"><table id=\"baseline\">"
         "<thead><tr><th>case</th><th>metric</th><th class=\"number\">change</th><th>judgement</th>"
         "</tr></thead><tbody>\n" +
         rows + "</tbody></table></div>\n</section>\n";
}

std::string all_measured(const Report& report) {
  std::string text;
  for (const Case& each : report.cases) {
    if (!each.id.starts_with("compare/")) text += measured(each);
  }
  return text.empty() ? "" : "<section>\n<h2>Measured</h2>\n" + text + "</section>\n";
}

std::string all_lanes(const Report& report) {
  std::string text;
  for (const Case& each : report.cases) {
    if (each.lanes.empty()) continue;
    text += fmt::format("<article class=\"card\">\n<h3>{} <code>{}</code></h3>\n{}</article>\n",
                        badge(each.verdict), escape_xml(each.id), html_lanes(each.lanes));
  }
  return text.empty() ? ""
                      : "<section id=\"schedules\">\n<h2>Schedules</h2>\n" + text + "</section>\n";
}

std::string host_table(const Host& host) {
  const std::array<std::pair<const char*, std::string>, 7> facts{
      {{"CPUs", std::to_string(host.cpus)},
       {"CPU", host.model},
       {"kernel", host.kernel},
       {"compiler", host.compiler},
       {"sanitizer", host.sanitizer},
       {"build", host.build_type},
       {"revision", host.revision}}};
  std::string rows;
  for (const auto& [name, value] : facts) {
    rows += fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", name, escape_xml(value));
  }
  return "<section>\n<h2>Machine</h2>\n<div class=\"scroll\"><table><tbody>\n" + rows +
         "</tbody></table></div>\n</section>\n";
}

/// JSON in which neither an end tag nor a comment can begin.
std::string inert_json(const boost::json::object& data) {
  std::string out;
  for (const char c : boost::json::serialize(data)) {
    if (c == '<' || c == '>' || c == '&') {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::string script(const boost::json::object& data) {
  if (page_script().empty()) return "";
  return fmt::format(
      "<script type=\"application/json\" id=\"chart-data\">{}</script>\n<script>{}</script>\n"
      "<details class=\"dim licences\"><summary>licences of the bundled "
      "libraries</summary><pre>{}</pre>"
      "</details>\n",
      inert_json(data), page_script(), escape_xml_block(page_licences()));
}

}  // namespace

std::string render_html(const Report& report, Sources& sources) {
  const std::string title = fmt::format("Contend: {}", to_string(overall(report)));
  const boost::json::object data = chart_data(report);
  return fmt::format(
             "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
             "'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<title>{}</title>\n<style>{}{}</style>\n</head>\n<body>\n",
             title, page_style(), page_script_style()) +
         header(report) + case_table(report) + charts(data) + html_metric_tables(report) +
         html_baseline(report) + html_findings(report, sources) + all_lanes(report) +
         all_measured(report) + host_table(report.host) + script(data) + "</body>\n</html>\n";
}

}  // namespace contend::ci
