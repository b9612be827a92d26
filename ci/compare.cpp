#include "ci/compare.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/host.hpp"
#include "core/printable.hpp"
#include "core/units.hpp"

namespace contend::ci {
namespace {

std::string percent(double share) {
  return fmt::format("{:+.1f} %", share * 100);
}

/// Runs of one case: values of each metric, in order of the report.
struct Runs {
  std::vector<const Case*> cases;

  std::vector<double> values(const std::string& name) const {
    std::vector<double> out;
    for (const Case* each : cases) {
      const Metric* metric = find_metric(*each, name);
      if (metric != nullptr && metric->value) out.push_back(*metric->value);
    }
    return out;
  }
};

/// Each metric that some run of either side has, once: the first run may have failed before it had
/// any.
std::vector<const Metric*> metrics_of(const Runs& now, const Runs& base) {
  std::vector<const Metric*> out;
  std::set<std::string_view> seen;
  for (const Runs* side : {&now, &base}) {
    for (const Case* run : side->cases) {
      for (const Metric& each : run->metrics) {
        if (seen.insert(each.name).second) out.push_back(&each);
      }
    }
  }
  return out;
}

std::map<std::string, Runs> runs_by_id(const Report& report) {
  std::map<std::string, Runs> out;
  for (const Case& each : report.cases) out[base_id(each.id)].cases.push_back(&each);
  return out;
}

bool all_equal(const MetricChange& metric) {
  const auto same = [&](double value) { return value == metric.base.front(); };
  return std::ranges::all_of(metric.base, same) && std::ranges::all_of(metric.now, same);
}

std::string interval(const MetricChange& metric) {
  return fmt::format("{} ({} … {})", percent(metric.shift.estimate), percent(metric.shift.low),
                     percent(metric.shift.high));
}

void decide(MetricChange& metric, const Tolerance& tolerance) {
  const Shift& shift = metric.shift;
  const bool shown = shift.low > 0 || shift.high < 0;
  if (shown && std::abs(shift.estimate) >= tolerance.share) {
    const bool rose = shift.estimate > 0;
    metric.change = rose == (metric.better == Better::higher) ? Change::better : Change::worse;
    metric.why = interval(metric);
  } else if (shift.low >= -tolerance.share && shift.high <= tolerance.share) {
    metric.change = Change::same;
    metric.why = "within " + interval(metric);
  } else {
    metric.change = Change::inconclusive;
    metric.why = fmt::format("{}; these runs could have shown a change of {:.1f} %",
                             interval(metric), metric.detectable * 100);
  }
}

CaseChange compare_case(const std::string& id, const Runs& base, const Runs& now,
                        const Tolerance& tolerance) {
  CaseChange out{.id = id, .in_both = true};
  for (const Metric* each : metrics_of(now, base)) {
    if (each->better == Better::neither) continue;
    MetricChange metric{.name = each->name,
                        .unit = each->unit,
                        .better = each->better,
                        .base = base.values(each->name),
                        .now = now.values(each->name)};
    judge(metric, tolerance);
    out.metrics.push_back(std::move(metric));
  }
  return out;
}

std::string middle(const std::vector<double>& values, const std::string& unit) {
  return values.empty() ? "n/a" : format_quantity(median(values), unit);
}

/// By how much it changed, whether or not that means anything; of too few runs what their medians
/// say.
std::optional<double> change_of(const MetricChange& metric) {
  if (metric.base.empty() || metric.now.empty()) return std::nullopt;
  if (metric.shift.estimate != 0 || all_equal(metric)) return metric.shift.estimate;
  const double before = median(metric.base);
  if (before == 0) return std::nullopt;
  return median(metric.now) / before - 1;
}

Metric to_metric(const MetricChange& of) {
  return {.name = of.name + "_change",
          .value = change_of(of),
          .unit = "ratio",
          .better = of.better,
          .why = fmt::format("{}: {} -> {}, {}", to_string(of.change), middle(of.base, of.unit),
                             middle(of.now, of.unit), of.why)};
}

Case to_case(const CaseChange& change) {
  Case out{.id = "compare/" + change.id, .title = "against the baseline"};
  if (!change.in_both) {
    out.reason = "only one of the two reports has this case";
    return out;
  }
  if (change.metrics.empty()) {
    out.verdict = Verdict::skipped;
    out.reason = "the case has no metric of which less or more would be better";
    return out;
  }
  std::size_t judged = 0;
  for (const MetricChange& each : change.metrics) {
    if (each.change != Change::inconclusive) ++judged;
    if (each.change == Change::worse) {
      out.reason += (out.reason.empty() ? "" : ", ") + each.name + " is worse by " + each.why;
    }
    out.metrics.push_back(to_metric(each));
  }
  out.verdict = !out.reason.empty() ? Verdict::failed
                : judged == 0       ? Verdict::inconclusive
                                    : Verdict::passed;
  if (out.verdict != Verdict::failed) {
    out.reason = fmt::format("{} of {} metrics could be judged, none is worse", judged,
                             change.metrics.size());
  }
  return out;
}

std::string table_line(const MetricChange& metric) {
  return fmt::format("  {:<12} {:<26} {:>18} -> {:<18} {}\n", to_string(metric.change),
                     printable(metric.name, 60), middle(metric.base, metric.unit),
                     middle(metric.now, metric.unit), metric.why);
}

}  // namespace

const char* to_string(Change change) {
  switch (change) {
    case Change::same:
      return "same";
    case Change::better:
      return "better";
    case Change::worse:
      return "worse";
    case Change::inconclusive:
      return "inconclusive";
  }
  return "";
}

std::string base_id(const std::string& id) {
  const std::size_t mark = id.rfind('#');
  if (mark == std::string::npos || mark + 1 == id.size()) return id;
  const bool number = id.find_first_not_of("0123456789", mark + 1) == std::string::npos;
  return number ? id.substr(0, mark) : id;
}

void judge(MetricChange& metric, const Tolerance& tolerance) {
  if (metric.base.empty() || metric.now.empty()) {
    metric.why = "one of the two has no value";
    return;
  }
  const std::optional<Shift> shift = relative_shift(metric.base, metric.now, tolerance.alpha);
  if (!shift) {
    metric.why = fmt::format("{} and {} runs can show nothing; at least 4 each are needed",
                             metric.base.size(), metric.now.size());
    return;
  }
  metric.shift = *shift;
  metric.p = rank_test(metric.base, metric.now);
  metric.detectable = detectable(*shift);
  if (all_equal(metric)) {
    metric.change = Change::same;
    metric.why = "the same value in every run";
    return;
  }
  decide(metric, tolerance);
}

std::vector<CaseChange> compare(const Report& base, const Report& now, const Tolerance& tolerance) {
  const auto base_runs = runs_by_id(base);
  const auto now_runs = runs_by_id(now);
  std::vector<CaseChange> out;
  for (const auto& [id, runs] : now_runs) {
    const auto before = base_runs.find(id);
    out.push_back(before == base_runs.end() ? CaseChange{.id = id}
                                            : compare_case(id, before->second, runs, tolerance));
  }
  for (const auto& [id, runs] : base_runs) {
    if (!now_runs.contains(id)) out.push_back({.id = id});
  }
  return out;
}

Report comparison_report(const std::vector<CaseChange>& changes) {
  Report report = new_report("contend");
  for (const CaseChange& each : changes) report.cases.push_back(to_case(each));
  return report;
}

std::string comparison_table(const std::vector<CaseChange>& changes) {
  std::string text;
  for (const CaseChange& change : changes) {
    text += printable(change.id, 100) + "\n";
    if (change.metrics.empty()) text += "  nothing to compare\n";
    std::size_t constant = 0;
    for (const MetricChange& each : change.metrics) {
      if (each.change == Change::same && all_equal(each)) {
        ++constant;
      } else {
        text += table_line(each);
      }
    }
    if (constant > 0) {
      text += fmt::format("  same         {} metrics with one value in every run\n", constant);
    }
  }
  return text;
}

}  // namespace contend::ci
