#include "loadgen/find_max.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/quantile_metrics.hpp"
#include "core/units.hpp"

#include "loadgen/grade.hpp"
#include "loadgen/run.hpp"
#include "loadgen/self_check.hpp"

namespace contend::loadgen {
namespace {

constexpr double default_first_rate = 1000;
constexpr double longest_step_seconds = 30;
// Of the table: a summary has 25 lines.
constexpr std::size_t most_rows = 16;
constexpr std::uint64_t fewest_messages = 200;
// Random arrivals of a short step spread by a few percent.
constexpr double least_pace = 0.9;
constexpr const char* rate_metric = "max_rate_per_second";

std::string rate_text(double rate) {
  return format_count(static_cast<std::int64_t>(rate)) + " messages/s";
}

std::optional<double> value_in(const Case& in, const std::string& name) {
  const Metric* metric = find_metric(in, name);
  return metric == nullptr ? std::nullopt : metric->value;
}

std::string demands(const Plan& plan) {
  std::string text;
  for (const Assertion& each : plan.find_max) text += (text.empty() ? "" : ", ") + each.text;
  return text;
}

/// Messages that the quantiles demanded ask for, and some more, since arrivals are random.
double messages_needed(const Plan& plan) {
  std::uint64_t samples = fewest_messages;
  for (const Assertion& each : plan.find_max) {
    samples = std::max(samples, samples_needed(each.metric));
  }
  return 1.2 * static_cast<double>(samples);
}

/// Long enough for the quantiles that are demanded, at this rate.
Nanoseconds step_duration(const Plan& plan, double rate) {
  const double seconds = messages_needed(plan) / rate;
  return std::max(*plan.duration,
                  plan.warmup + Nanoseconds(static_cast<std::int64_t>(seconds * 1e9)));
}

Plan step_plan(const Plan& plan, double rate, std::size_t index, bool confirming) {
  Plan step = plan;
  step.rate = rate;
  step.duration = step_duration(plan, rate) * (confirming ? 2 : 1);
  step.seed = plan.seed + index;
  step.assertions.insert(step.assertions.end(), plan.find_max.begin(), plan.find_max.end());
  return step;
}

/// A server that falls behind holds no rate, whatever else was demanded: the backlog would grow for
/// ever.
void judge_pace(const Plan& step, Case& graded) {
  const double achieved = value_in(graded, "throughput_per_second").value_or(0);
  if (graded.verdict != Verdict::passed || achieved >= least_pace * *step.rate) return;
  graded.verdict = Verdict::failed;
  graded.reason =
      fmt::format("only {} of {} came back in time", rate_text(achieved), rate_text(*step.rate));
}

/// Our own lateness is in the intended latencies: where the demands hold in spite of it, they hold.
bool holds_in_spite_of_us(const Plan& step, Case graded) {
  const auto holds = [&graded](const Assertion& each) {
    return check(each, graded).verdict == Verdict::passed;
  };
  return value_in(graded, "throughput_per_second").value_or(0) >= least_pace * *step.rate &&
         value_in(graded, "errors_total") == 0 && std::ranges::all_of(step.assertions, holds);
}

StepResult result_of(const Plan& step, const Run& run, const Case& graded) {
  if (graded.verdict == Verdict::passed) return StepResult::held;
  if (!generator_was_the_limit(step, run)) return StepResult::broke;
  return holds_in_spite_of_us(step, graded) ? StepResult::held : StepResult::limit;
}

/// No answer to the question how fast: no server, or too few samples to judge a demand.
bool says_nothing(const RateStep& step) {
  return step.graded.verdict == Verdict::errored ||
         (step.graded.verdict == Verdict::inconclusive && step.result == StepResult::broke);
}

/// The step whose figures stand for the whole: the confirmation, or the last that was run.
const RateStep& telling_step(const RateCurve& curve) {
  const auto confirmed = std::ranges::find_if(curve.steps, [](const RateStep& step) {
    return step.confirming && step.result == StepResult::held;
  });
  return confirmed == curve.steps.end() ? curve.steps.back() : *confirmed;
}

/// The lowest rate that broke, if one did.
const RateStep* first_broken(const RateCurve& curve) {
  const RateStep* lowest = nullptr;
  for (const RateStep& step : curve.steps) {
    if (step.result == StepResult::broke && (lowest == nullptr || step.rate < lowest->rate)) {
      lowest = &step;
    }
  }
  return lowest;
}

std::pair<Verdict, std::string> judge(const Plan& plan, const RateCurve& curve) {
  if (curve.steps.empty()) return {Verdict::inconclusive, "no rate was tried"};
  const RateStep& last = curve.steps.back();
  if (says_nothing(last)) {
    return {last.graded.verdict,
            fmt::format("at {}: {}", rate_text(last.rate), last.graded.reason)};
  }
  const auto confirmed = curve.search.confirmed();
  if (!confirmed && curve.search.held()) {
    return {Verdict::inconclusive,
            fmt::format("{} held once and was not confirmed: {}", rate_text(*curve.search.held()),
                        last.graded.reason)};
  }
  if (!confirmed) {
    return {last.graded.verdict, fmt::format("no rate held {}; at {}: {}", demands(plan),
                                             rate_text(last.rate), last.graded.reason)};
  }
  if (curve.search.generator_was_the_limit()) {
    return {Verdict::inconclusive,
            fmt::format("{} held at {}, and more than that this generator cannot make",
                        demands(plan), rate_text(*confirmed))};
  }
  const RateStep* broken = first_broken(curve);
  std::string reason = fmt::format("{} held at {}, twice", demands(plan), rate_text(*confirmed));
  if (broken != nullptr) {
    reason += fmt::format("; at {} not: {}", rate_text(broken->rate), broken->graded.reason);
  }
  return {Verdict::passed, reason};
}

std::vector<RateStep> ascending(const RateCurve& curve) {
  std::vector<RateStep> steps = curve.steps;
  std::ranges::stable_sort(steps, {}, &RateStep::rate);
  return steps;
}

/// What became of `metric` as the rate rose.
Series curve_of(const RateCurve& curve, const std::string& metric, const char* unit) {
  Series series{.name = "by_rate_" + metric, .unit = unit, .points = {}};
  for (const RateStep& step : ascending(curve)) {
    if (const auto value = value_in(step.graded, metric)) {
      series.points.push_back({step.rate, *value});
    }
  }
  return series;
}

}  // namespace

RateCurve find_max(const Plan& plan, std::FILE* stream) {
  const double lowest_rate = std::max(1.0, messages_needed(plan) / longest_step_seconds);
  const double first_rate = std::max(plan.rate.value_or(default_first_rate), lowest_rate);
  RateCurve curve{.search = RateSearch(first_rate, lowest_rate)};
  while (const auto rate = curve.search.next()) {
    const bool confirming = curve.search.is_confirming();
    const Plan step = step_plan(plan, *rate, curve.steps.size(), confirming);
    const Run run = loadgen::run(step, stream);
    curve.elapsed += run.elapsed;
    curve.interrupted = run.interrupted;
    Case graded = grade(step, run, std::nullopt);
    judge_pace(step, graded);
    const StepResult result = result_of(step, run, graded);
    if (curve.interrupted && !curve.steps.empty()) break;  // cut short: no step
    curve.steps.push_back({*rate, confirming, result, std::move(graded)});
    if (curve.interrupted || says_nothing(curve.steps.back())) break;
    curve.search.tell(result);
  }
  return curve;
}

Case grade(const Plan& plan, const RateCurve& curve) {
  auto [verdict, reason] = judge(plan, curve);
  Case result;
  if (!curve.steps.empty()) result = telling_step(curve).graded;
  result.id = case_id(plan) + "/find-max";
  result.title = fmt::format("the highest rate that {} holds with {}", plan.name, demands(plan));
  result.verdict = verdict;
  result.reason = std::move(reason);
  result.elapsed_ns = curve.elapsed.count();
  Metric highest{.name = rate_metric, .unit = "messages/s", .better = Better::higher};
  highest.value = curve.search.confirmed();
  if (!highest.value) highest.why = "no rate was confirmed";
  result.metrics.insert(result.metrics.begin(), highest);
  for (const char* each : {"intended_p50_ns", "intended_p99_ns"}) {
    result.series.push_back(curve_of(curve, each, "ns"));
  }
  result.series.push_back(curve_of(curve, "throughput_per_second", "messages/s"));
  return result;
}

std::string rate_table(const RateCurve& curve) {
  std::string text = fmt::format("\n  {:>12}  {:>12}  {:>10}  {:>10}  {:>10}  {}\n", "rate",
                                 "achieved", "p50", "p99", "p99.9", "");
  const auto shown = [](const Case& in, const char* name) -> std::string {
    const auto value = value_in(in, name);
    return value ? format_duration(Nanoseconds(static_cast<std::int64_t>(*value))) : "n/a";
  };
  const auto steps = ascending(curve);
  const std::size_t left_out = steps.size() - std::min(steps.size(), most_rows);
  if (left_out > 0) text += fmt::format("  {:>12}  and {} below\n", "", left_out);
  for (std::size_t i = left_out; i < steps.size(); ++i) {
    const RateStep& step = steps[i];
    const char* result = step.result == StepResult::held ? (step.confirming ? "confirmed" : "held")
                         : step.result == StepResult::broke ? "broke"
                                                            : "our own limit";
    const double achieved = value_in(step.graded, "throughput_per_second").value_or(0);
    text += fmt::format(
        "  {:>12}  {:>12}  {:>10}  {:>10}  {:>10}  {}\n",
        format_count(static_cast<std::int64_t>(step.rate)),
        format_count(static_cast<std::int64_t>(achieved)), shown(step.graded, "intended_p50_ns"),
        shown(step.graded, "intended_p99_ns"), shown(step.graded, "intended_p999_ns"), result);
  }
  return text;
}

}  // namespace contend::loadgen
