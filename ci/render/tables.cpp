#include "ci/render/tables.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include <fmt/ranges.h>

#include "core/units.hpp"

#include "ci/render/plain_text.hpp"

namespace contend::ci {
namespace {

constexpr std::array load{Column{"messages/s", "throughput_per_second"},
                          Column{"answered", "messages_answered"},
                          Column{"errors", "errors_total"},
                          Column{"p50", "intended_p50_ns"},
                          Column{"p99", "intended_p99_ns"},
                          Column{"p99.9", "intended_p999_ns"},
                          Column{"max", "intended_max_ns"}};

constexpr std::array counters{
    Column{"server counted, bytes", "counted_bytes", true},
    Column{"clients counted, bytes", "bytes_verified", true},
    Column{"bytes lost", "lost_bytes", true}, Column{"connections lost", "lost_connections"},
    Column{"race that ThreadSanitizer saw", "tsan.data-race", false, true}};

constexpr std::array experiments{Column{"trials", "trials"}, Column{"lost updates", "lost_updates"},
                                 Column{"loss rate", "loss_rate"},
                                 Column{"trials/s", "trials_per_second"}};

constexpr std::array tables{MetricTable{"Load", load},
                            MetricTable{"The server's own count", counters},
                            MetricTable{"Experiments", experiments}};

/// "server/counter_plain.cpp:31 and server/counter_plain.cpp:38, in add_bytes", or "none".
std::string place_of_first(std::string_view rule, const Case& of) {
  const auto found = std::ranges::find(of.findings, rule, &Finding::rule);
  if (found == of.findings.end()) return "none";
  std::vector<std::string> places;
  // The two ends of the race; what follows tells where its memory and its threads came from.
  for (std::size_t i = 0; i < std::min<std::size_t>(2, found->stacks.size()); ++i) {
    if (found->stacks[i].empty()) continue;
    const std::string place = frame_text(found->stacks[i].front());
    if (std::ranges::find(places, place) == places.end()) places.push_back(place);
  }
  return places.empty() ? found->message : fmt::format("{}", fmt::join(places, " and "));
}

}  // namespace

bool MetricTable::has_row(const Case& of) const {
  return find_metric(of, columns.front().metric) != nullptr;
}

bool MetricTable::has_rows(const Report& report) const {
  return std::ranges::any_of(report.cases, [&](const Case& each) { return has_row(each); });
}

std::vector<ChangeRow> changes_of(const Report& report) {
  constexpr std::string_view room = "compare/";
  constexpr std::string_view suffix = "_change";
  std::vector<ChangeRow> rows;
  for (const Case& each : report.cases) {
    if (!each.id.starts_with(room)) continue;
    for (const Metric& metric : each.metrics) {
      const std::string why = metric.why.value_or("");
      if (!metric.name.ends_with(suffix) || why.ends_with("the same value in every run")) continue;
      rows.push_back(
          {.of = each.id.substr(room.size()),
           .metric = metric.name.substr(0, metric.name.size() - suffix.size()),
           .change = metric.value ? fmt::format("{:+.1f} %", *metric.value * 100) : "n/a",
           .judgement = why});
    }
  }
  return rows;
}

std::vector<const Case*> worst_first(const Report& report) {
  std::vector<const Case*> cases;
  for (const Case& each : report.cases) cases.push_back(&each);
  std::ranges::stable_sort(cases, std::greater<>{}, [](const Case* each) { return each->verdict; });
  return cases;
}

std::span<const MetricTable> metric_tables() {
  return tables;
}

Cell cell(const Column& column, const Case& of) {
  if (column.is_rule) return {.text = place_of_first(column.metric, of), .why = ""};
  const Metric* metric = find_metric(of, column.metric);
  if (metric == nullptr) return {};
  if (!metric->value) return {.text = "n/a", .why = metric_value(*metric)};
  return {.text = format_quantity(*metric->value, column.exact ? "" : metric->unit), .why = ""};
}

}  // namespace contend::ci
