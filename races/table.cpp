#include "races/table.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/printable.hpp"
#include "core/units.hpp"

#include "races/grade.hpp"

namespace contend::races {
namespace {

std::string interval(const Share& share) {
  return fmt::format("{:.4g} – {:.4g} %", share.low * 100, share.high * 100);
}

const Case* find_case(const Report& report, const std::string& id) {
  const auto found = std::ranges::find(report.cases, id, &Case::id);
  return found == report.cases.end() ? nullptr : &*found;
}

double value_of(const Case& in, std::string_view name) {
  const Metric* metric = find_metric(in, name);
  return metric == nullptr ? 0 : metric->value.value_or(0);
}

/// The end of the program, and not one of its trials.
bool is_end(const Outcome& outcome) {
  return outcome.seen == "hang" || outcome.seen == "crash";
}

/// What a lens saw of an experiment, in two words.
std::string cell(const Case& in) {
  if (in.verdict != Verdict::passed) return to_string(in.verdict);
  const bool is_by_reports = in.outcomes.empty();
  if (in.expect == Expect::clean) {
    if (is_by_reports) return in.reason.starts_with("blind") ? "blind" : "silent";
    return in.reason.starts_with("never seen") ? "never seen" : "clean";
  }
  if (is_by_reports) return in.reason.starts_with("a false alarm") ? "false alarm" : "sees it";
  for (const Outcome& outcome : in.outcomes) {
    if (is_end(outcome) && outcome.count > 0) return outcome.seen == "hang" ? "hangs" : "crashes";
  }
  if (find_metric(in, "loss_rate") != nullptr) return "loses " + percent(value_of(in, "loss_rate"));
  return "wrong in " + percent(value_of(in, "forbidden_rate"));
}

std::string subject_of(const std::string& name) {
  return name.substr(0, name.find('/'));
}

/// Time per trial, with as many states in a batch as both have tried, against the first of the
/// subject; empty where there is nothing to compare.
std::string cost(const Case& of, const Case& first) {
  if (&of == &first) return "1×";
  for (auto metric = of.metrics.rbegin(); metric != of.metrics.rend(); ++metric) {
    if (!metric->name.starts_with("trials_per_second_arrays_")) continue;
    const double reference = value_of(first, metric->name);
    if (reference > 0 && metric->value.value_or(0) > 0) {
      return fmt::format("{:.2g}×", reference / *metric->value);
    }
  }
  return "";
}

}  // namespace

std::string outcome_table(const Case& in) {
  if (in.outcomes.empty()) return "";
  std::int64_t all = 0;
  std::size_t widest = 7;
  for (const Outcome& outcome : in.outcomes) {
    if (!is_end(outcome)) all += outcome.count;
    widest = std::max(widest, outcome.seen.size());
  }
  std::string text =
      fmt::format("\n{}\n  {:<{}}  {:>15}  {:>10}  {:<21}  {:<11}  {}\n", printable(in.id),
                  "outcome", widest, "count", "share", "95 % interval", "grade", "why");
  for (const Outcome& outcome : in.outcomes) {
    const Share part = share(outcome.count, all);
    text +=
        fmt::format("  {:<{}}  {:>15}  {:>10}  {:<21}  {:<11}  {}\n", printable(outcome.seen, 60),
                    widest, format_count(outcome.count), is_end(outcome) ? "" : percent(part.value),
                    is_end(outcome) ? "" : interval(part), to_string(outcome.grade),
                    printable(outcome.why, 200));
  }
  return text;
}

std::string lens_table(const Report& report, const Plan& plan) {
  std::size_t widest = 10;
  for (const ExperimentFacts& each : plan.experiments) widest = std::max(widest, each.name.size());
  std::string text = fmt::format("\n  {:<{}}", "experiment", widest);
  for (const Lens* lens : plan.lenses) text += fmt::format("  {:<18}", lens->name);
  text += "cost\n";
  std::string subject;
  const Case* first = nullptr;
  for (const ExperimentFacts& each : plan.experiments) {
    const Case* native = find_case(report, "races/" + each.name + "/native");
    if (subject_of(each.name) != subject) {
      subject = subject_of(each.name);
      first = native;
    }
    text += fmt::format("  {:<{}}", printable(each.name), widest);
    for (const Lens* lens : plan.lenses) {
      const Case* seen = find_case(report, "races/" + each.name + "/" + lens->name);
      text += fmt::format("  {:<18}", seen == nullptr ? "not run" : cell(*seen));
    }
    text += (native == nullptr || first == nullptr ? "" : cost(*native, *first)) + "\n";
  }
  return text;
}

}  // namespace contend::races
