#include "ci/gate.hpp"

#include <algorithm>
#include <csignal>

#include <fmt/format.h>

namespace contend::ci {
namespace {

bool is_new(const Finding& finding, const Fingerprints& known) {
  return finding.level == Level::error && !known.contains(finding.fingerprint);
}

bool is_zero(const Case& of, std::string_view name) {
  const Metric* metric = find_metric(of, name);
  return metric == nullptr || metric->value.value_or(1) == 0;
}

bool breaks_its_limit(const Metric& metric) {
  if (!metric.limit || metric.better == Better::neither) return false;
  if (!metric.value) return true;
  return metric.better == Better::lower ? *metric.value > *metric.limit
                                        : *metric.value < *metric.limit;
}

/// Asked to stop, or with the exit code of a sanitizer that has reported something.
bool server_ended_well(const Case& of) {
  const Metric* code = find_metric(of, "server_exit_code");
  const Metric* signal = find_metric(of, "server_exit_signal");
  return (code == nullptr || code->value == 0 || code->value == 66) &&
         (signal == nullptr || signal->value == SIGTERM);
}

/// loadgen itself compares them only where nothing else was wrong. Bad clients leave before their
/// bytes are read.
bool counts_agree(const Case& of) {
  const Metric* sent = find_metric(of, "bytes_sent");
  const Metric* counted = find_metric(of, "server_bytes_in");
  const bool has_bad_clients = find_metric(of, "beside_p99_ns") != nullptr;
  if (sent == nullptr || counted == nullptr || !counted->value || has_bad_clients) return true;
  return sent->value == counted->value;
}

bool has_other_fault(const Case& of) {
  for (const char* name : {"errors_total", "messages_unfinished", "messages_unsent"}) {
    if (!is_zero(of, name)) return true;
  }
  const auto bad = [](const Outcome& each) {
    return each.grade == Grade::forbidden || (each.grade == Grade::unknown && each.count > 0);
  };
  return std::ranges::any_of(of.outcomes, bad) ||
         std::ranges::any_of(of.metrics, breaks_its_limit) || !server_ended_well(of) ||
         !counts_agree(of);
}

/// A case whose only fault is findings that are known.
bool failed_by_known_findings_only(const Case& of, const Fingerprints& known) {
  if (of.verdict != Verdict::failed || of.findings.empty()) return false;
  const auto fresh = [&](const Finding& each) { return is_new(each, known); };
  return !has_other_fault(of) && std::ranges::none_of(of.findings, fresh);
}

void forgive(Case& of, const Fingerprints& known) {
  if (!failed_by_known_findings_only(of, known)) return;
  of.verdict = Verdict::passed;
  of.reason = fmt::format("only known findings ({}); it said: {}", of.findings.size(), of.reason);
  for (Finding& each : of.findings) each.level = Level::note;
}

void add_new_findings(Report& out, const Fingerprints& known) {
  Fingerprints told;
  std::vector<Case> added;
  for (const Case& each : out.cases) {
    for (const Finding& finding : each.findings) {
      if (!is_new(finding, known) || !told.insert(finding.fingerprint).second) continue;
      added.push_back({.id = "gate/finding/" + finding.fingerprint,
                       .title = "a finding that nobody has reviewed",
                       .verdict = Verdict::failed,
                       .reason = "new: " + known_line(finding) + ", in " + each.id});
    }
  }
  out.cases.insert(out.cases.end(), added.begin(), added.end());
}

void add_vanished(Report& out, const Report& report, const Report& baseline) {
  std::set<std::string> here;
  for (const Case& each : report.cases) here.insert(base_id(each.id));
  for (const Case& each : baseline.cases) {
    if (!here.insert(base_id(each.id)).second) continue;
    out.cases.push_back({.id = "gate/missing/" + base_id(each.id),
                         .title = "a case of the baseline",
                         .verdict = Verdict::failed,
                         .reason = "the baseline has this case and the report has not"});
  }
}

/// Only what got worse fails: with few runs most metrics cannot be judged, and that alone stops
/// nobody.
void add_changes(Report& out, const Report& report, const Gate& gate) {
  const Report compared = comparison_report(compare(*gate.baseline, report, gate.tolerance));
  for (const Case& each : compared.cases) {
    if (each.metrics.empty()) continue;
    out.cases.push_back(each);
    if (each.verdict == Verdict::inconclusive) out.cases.back().verdict = Verdict::skipped;
  }
}

/// A baseline that was gated itself has cases that no run makes.
void drop_judgements(Report& baseline) {
  std::erase_if(baseline.cases, [](const Case& each) {
    return each.id.starts_with("gate/") || each.id.starts_with("compare/");
  });
}

}  // namespace

Report judge_gate(const Report& report, const Gate& gate) {
  Report out = report;
  Fingerprints known = gate.known;
  Gate before = gate;
  if (before.baseline) {
    drop_judgements(*before.baseline);
    for (const Case& each : before.baseline->cases) {
      for (const Finding& finding : each.findings) known.insert(finding.fingerprint);
    }
  }
  for (Case& each : out.cases) forgive(each, known);
  add_new_findings(out, known);
  for (const Limit& limit : gate.limits) out.cases.push_back(hold(limit, report));
  for (const Limit& limit : own_limits(report)) out.cases.push_back(hold(limit, report));
  if (before.baseline) {
    add_vanished(out, report, *before.baseline);
    add_changes(out, report, before);
  }
  return out;
}

}  // namespace contend::ci
