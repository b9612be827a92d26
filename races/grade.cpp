#include "races/grade.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "core/printable.hpp"
#include "core/units.hpp"

namespace contend::races {
namespace {

double per_second(std::int64_t count, std::int64_t elapsed_ns) {
  return elapsed_ns > 0 ? static_cast<double>(count) * 1e9 / static_cast<double>(elapsed_ns) : 0;
}

Metric metric(std::string name, double value, std::string unit = "",
              Better better = Better::neither) {
  return {.name = std::move(name), .value = value, .unit = std::move(unit), .better = better};
}

Grade grade_of(const ExperimentFacts& experiment, const std::string& seen) {
  const Foreseen* known = foreseen(experiment, seen);
  return known == nullptr ? Grade::unknown : known->grade;
}

/// What was foreseen, seen or not, then what nobody foresaw.
std::vector<Outcome> outcome_table(const ExperimentFacts& experiment, const Tally& tally) {
  auto seen = outcomes(tally);
  if (tally.hang) seen["hang"] = 1;
  if (tally.crash) seen["crash"] = 1;
  std::vector<Outcome> table;
  for (const Foreseen& known : experiment.foreseen) {
    if (known.seen == "*") continue;
    const auto found = seen.find(known.seen);
    table.push_back({.seen = known.seen,
                     .count = found == seen.end() ? 0 : found->second,
                     .grade = known.grade,
                     .why = known.why});
    if (found != seen.end()) seen.erase(found);
  }
  for (const auto& [other, count] : seen) {
    const Foreseen* known = foreseen(experiment, other);
    table.push_back({.seen = other,
                     .count = count,
                     .grade = known == nullptr ? Grade::unknown : known->grade,
                     .why = known == nullptr ? "nobody foresaw this" : known->why});
  }
  return table;
}

std::int64_t count_graded(const std::vector<Outcome>& table, Grade grade) {
  std::int64_t sum = 0;
  for (const Outcome& outcome : table) sum += outcome.grade == grade ? outcome.count : 0;
  return sum;
}

/// What a counter's outcomes lack; outcomes of another kind count for nothing.
std::int64_t lost_updates(const ExperimentFacts& experiment,
                          const std::map<std::string, std::int64_t>& seen) {
  std::int64_t lost = 0;
  for (const auto& [text, count] : seen) {
    lost += std::max<std::int64_t>(0, experiment.counts_to - std::atoll(text.c_str())) * count;
  }
  return lost;
}

void add_counter_metrics(const ExperimentFacts& experiment, const Tally& tally, Case& in) {
  const auto seen = outcomes(tally);
  const std::int64_t lost = lost_updates(experiment, seen);
  const Share rate = share(lost, trials(tally));
  in.metrics.push_back(metric("lost_updates", static_cast<double>(lost)));
  in.metrics.push_back(metric("loss_rate", rate.value, "", Better::neither));
  in.metrics.push_back(metric("loss_rate_low", rate.low));
  in.metrics.push_back(metric("loss_rate_high", rate.high));
  std::int64_t lowest = experiment.counts_to;
  for (const auto& [text, count] : seen) {
    lowest = std::min<std::int64_t>(lowest, std::atoll(text.c_str()));
  }
  if (!seen.empty())
    in.metrics.push_back(metric("lowest_final_value", static_cast<double>(lowest)));
}

void add_native_metrics(const ExperimentFacts& experiment, const Tally& tally, Case& in) {
  const std::int64_t all = trials(tally);
  in.metrics.push_back(metric("trials", static_cast<double>(all)));
  if (experiment.counts_to > 0) add_counter_metrics(experiment, tally, in);
  const Share bad = share(count_graded(in.outcomes, Grade::forbidden), all);
  in.metrics.push_back(metric("forbidden_rate", bad.value));
  std::int64_t elapsed = 0;
  for (const ArrangementTally& each : tally.arrangements) elapsed += each.elapsed_ns;
  in.metrics.push_back(
      metric("trials_per_second", per_second(all, elapsed), "1/s", Better::higher));
  for (const ArrangementTally& each : tally.arrangements) {
    const std::string where = fmt::format("{}_{}", each.shape, each.states);
    std::int64_t forbidden = 0;
    for (const auto& [seen, count] : each.outcomes) {
      if (grade_of(experiment, seen) == Grade::forbidden) forbidden += count;
    }
    if (trials(each) == 0) continue;
    in.metrics.push_back(metric("forbidden_rate_" + where, share(forbidden, trials(each)).value));
    in.metrics.push_back(metric("trials_per_second_" + where,
                                per_second(trials(each), each.elapsed_ns), "1/s", Better::higher));
  }
}

std::string stands(const std::vector<ActorStand>& all) {
  std::string text;
  for (const ActorStand& stand : all) text += (text.empty() ? "" : "; ") + describe(stand);
  return text;
}

/// The stacks of a hang or a crash, as a finding.
void add_stands(const Tally& tally, Case& in) {
  const auto add = [&in](std::string rule, std::string message,
                         const std::vector<ActorStand>& all) {
    Finding finding{.rule = std::move(rule), .message = std::move(message)};
    for (const ActorStand& stand : all) {
      finding.stacks.push_back(stand.frames);
      finding.labels.push_back(describe(stand));
    }
    finding.fingerprint = finding.rule;
    in.findings.push_back(std::move(finding));
  };
  if (tally.hang) add("races.hang", "hung: " + stands(*tally.hang), *tally.hang);
  if (tally.crash) {
    add("races.crash",
        fmt::format("crashed with signal {} ({}): {}", tally.crash->signal,
                    strsignal(tally.crash->signal), describe(tally.crash->stand)),
        {tally.crash->stand});
  }
}

std::string trials_text(const Tally& tally) {
  return format_count(trials(tally)) + " trials";
}

/// Says how a process ended that did not end well; empty if it did.
std::string bad_end(const Tally& tally) {
  if (tally.is_done || tally.hang || tally.crash) return "";
  std::string text = "the program " + describe(tally.exit);
  if (const auto end = tally.stderr_text.find('\n'); !tally.stderr_text.empty()) {
    text += " and said \"" + printable(tally.stderr_text.substr(0, end), 160) + '"';
  }
  return text;
}

void settle(Case& in, Verdict verdict, std::string reason) {
  in.verdict = verdict;
  in.reason = std::move(reason);
}

/// What the defect looked like: "loses 1.3 % of its updates in …", or the first bad outcome.
std::string defect_text(const ExperimentFacts& experiment, const Tally& tally, const Case& in) {
  if (tally.hang)
    return fmt::format("hung ({} counted before): {}", trials_text(tally), stands(*tally.hang));
  if (tally.crash) {
    return fmt::format("{} of signal {} ({}; {} counted before)", describe(tally.crash->stand),
                       tally.crash->signal, strsignal(tally.crash->signal), trials_text(tally));
  }
  const std::int64_t all = trials(tally);
  if (experiment.counts_to > 0) {
    const auto lost = lost_updates(experiment, outcomes(tally));
    return fmt::format("loses {} of its updates ({} in {})", percent(share(lost, all).value),
                       format_count(lost), trials_text(tally));
  }
  const auto bad = count_graded(in.outcomes, Grade::forbidden);
  const auto first = std::ranges::find_if(in.outcomes, [](const Outcome& outcome) {
    return outcome.grade == Grade::forbidden && outcome.count > 0;
  });
  return fmt::format("goes wrong in {} of {} ({}): {}", percent(share(bad, all).value),
                     trials_text(tally), printable(first->seen, 40), first->why);
}

bool is_defect_seen(const Case& in) {
  return std::ranges::any_of(in.outcomes, [](const Outcome& outcome) {
    return outcome.grade == Grade::forbidden && outcome.count > 0;
  });
}

void judge_native(const ExperimentFacts& experiment, const Tally& tally, Case& in) {
  const KnownSight* sight = sight_of(experiment, "native");
  const bool is_blind = sight != nullptr && sight->sees == Sees::blind;
  const auto unknown = std::ranges::find_if(in.outcomes, [](const Outcome& outcome) {
    return outcome.grade == Grade::unknown && outcome.count > 0;
  });
  in.expect = experiment.is_broken && !is_blind ? Expect::defect : Expect::clean;
  if (tally.exit.interrupted) return settle(in, Verdict::inconclusive, "interrupted");
  if (const std::string end = bad_end(tally); !end.empty()) {
    return settle(in, Verdict::errored, end);
  }
  if (is_defect_seen(in)) {
    const std::string text = defect_text(experiment, tally, in);
    if (!experiment.is_broken) return settle(in, Verdict::failed, text);
    return settle(in, Verdict::passed,
                  is_blind ? text + ", although it was thought invisible here" : text);
  }
  if (unknown != in.outcomes.end()) {
    const std::string text = tally.hang || tally.crash ? defect_text(experiment, tally, in)
                                                       : "ended with " + unknown->seen;
    return settle(in, Verdict::failed, text + ", which nobody foresaw");
  }
  if (trials(tally) == 0) return settle(in, Verdict::inconclusive, "no trial ended");
  if (!experiment.is_broken) return settle(in, Verdict::passed, "clean in " + trials_text(tally));
  if (is_blind) {
    return settle(in, Verdict::passed,
                  fmt::format("never seen in {}, as known: {}", trials_text(tally), sight->why));
  }
  settle(in, Verdict::inconclusive,
         fmt::format("the defect did not show in {}, which proves nothing", trials_text(tally)));
}

/// The two channels of one runtime must tell the same number of reports.
bool do_channels_agree(const Tally& tally) {
  std::int64_t printed = 0;
  for (const Finding& finding : tally.log.findings) {
    if (finding.rule != "tsan.segv") printed += finding.count;
  }
  return printed == static_cast<std::int64_t>(tally.hook_reports.size());
}

void judge_reports(const ExperimentFacts& experiment, const Tally& tally, Case& in) {
  const KnownSight* sight = sight_of(experiment, "tsan");
  const Sees sees = sight == nullptr ? Sees::defect : sight->sees;
  const std::string_view why = sight == nullptr ? std::string_view() : sight->why;
  const std::string when = trials_text(tally);
  if (!in.findings.empty()) {
    const std::string first = printable(in.findings.front().message, 300);
    if (sees == Sees::false_alarm) {
      return settle(in, Verdict::passed,
                    fmt::format("a false alarm, as known ({}): {}", why, first));
    }
    if (!experiment.is_broken) return settle(in, Verdict::failed, "reported: " + first);
    return settle(
        in, Verdict::passed,
        (sees == Sees::blind ? "sees it, although it was thought blind: " : "sees it: ") + first);
  }
  if (trials(tally) == 0 && !tally.hang) {
    return settle(in, Verdict::inconclusive, "no trial ended");
  }
  if (!experiment.is_broken) return settle(in, Verdict::passed, "silent in " + when);
  if (sees == Sees::blind) {
    return settle(in, Verdict::passed, fmt::format("blind, as known: {} ({})", why, when));
  }
  settle(in, Verdict::inconclusive, "no report in " + when + ", although there is a defect");
}

void judge_tsan(const ExperimentFacts& experiment, const Tally& tally, Case& in) {
  const KnownSight* sight = sight_of(experiment, "tsan");
  const bool expects_report = sight == nullptr ? experiment.is_broken : sight->sees != Sees::blind;
  in.expect = expects_report ? Expect::defect : Expect::clean;
  if (tally.exit.interrupted) return settle(in, Verdict::inconclusive, "interrupted");
  if (tally.log.broken) {
    return settle(in, Verdict::errored, "ThreadSanitizer itself failed: " + *tally.log.broken);
  }
  if (tally.is_done && !do_channels_agree(tally)) {
    return settle(in, Verdict::errored,
                  fmt::format("ThreadSanitizer made {} reports and printed {} different ones: its "
                              "log is not whole",
                              tally.hook_reports.size(), tally.log.findings.size()));
  }
  if (tally.crash && tally.log.findings.empty()) {
    return settle(in, experiment.is_broken ? Verdict::errored : Verdict::failed,
                  defect_text(experiment, tally, in));
  }
  const bool has_crashed = tally.exit.signal.has_value() || !tally.is_done;
  if (has_crashed && !tally.hang && tally.log.findings.empty()) {
    return settle(in, Verdict::errored, bad_end(tally));
  }
  if (tally.hang && !experiment.is_broken) {
    return settle(in, Verdict::failed, "hung: " + stands(*tally.hang));
  }
  judge_reports(experiment, tally, in);
  if (tally.hang) in.reason += "; it hung: " + stands(*tally.hang);
}

/// A defect that was expected is a lesson, not an alarm.
void soften_findings(Case& in, bool is_expected) {
  for (Finding& finding : in.findings) {
    finding.level = is_expected ? Level::note : Level::error;
  }
}

}  // namespace

Share share(std::int64_t part, std::int64_t of) {
  if (of <= 0) return {};
  constexpr double z = 1.959964;
  const auto n = static_cast<double>(of);
  const double p = static_cast<double>(part) / n;
  const double middle = p + z * z / (2 * n);
  const double margin = z * std::sqrt(std::max(0.0, p * (1 - p)) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  // At its ends the interval is exact, and what rounding would leave there is no figure to print.
  return {p, part == 0 ? 0.0 : std::max(0.0, (middle - margin) / scale),
          part == of ? 1.0 : std::min(1.0, (middle + margin) / scale)};
}

std::string percent(double fraction) {
  const double value = fraction * 100;
  return value >= 9.95 ? fmt::format("{:.1f} %", value) : fmt::format("{:.2g} %", value);
}

Case grade_native(const ExperimentFacts& experiment, const Tally& tally) {
  Case graded;
  graded.elapsed_ns = tally.elapsed_ns;
  graded.outcomes = outcome_table(experiment, tally);
  add_native_metrics(experiment, tally, graded);
  add_stands(tally, graded);
  judge_native(experiment, tally, graded);
  soften_findings(graded, experiment.is_broken);
  return graded;
}

Case grade_tsan(const ExperimentFacts& experiment, const Tally& tally) {
  Case graded;
  graded.elapsed_ns = tally.elapsed_ns;
  graded.metrics.push_back(metric("trials", static_cast<double>(trials(tally))));
  graded.metrics.push_back(metric("reports", static_cast<double>(tally.hook_reports.size())));
  graded.findings = tally.log.findings;
  judge_tsan(experiment, tally, graded);
  if (tally.crash) add_stands(tally, graded);
  soften_findings(graded, graded.verdict == Verdict::passed);
  return graded;
}

}  // namespace contend::races
