#include "ci/gate.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace contend::ci {
namespace {

bool is_new(const Finding& finding, const Fingerprints& known) {
  return finding.level == Level::error && !known.contains(finding.fingerprint);
}

/// A case whose only fault is findings that are known. Anything else that it found wrong stands in
/// its outcomes or in its errors.
bool failed_by_known_findings_only(const Case& of, const Fingerprints& known) {
  if (of.verdict != Verdict::failed || of.findings.empty()) return false;
  const Metric* errors = find_metric(of, "errors_total");
  const bool clean = errors == nullptr || errors->value.value_or(1) == 0;
  const auto forbidden = [](const Outcome& each) { return each.grade == Grade::forbidden; };
  const auto fresh = [&](const Finding& each) { return is_new(each, known); };
  return clean && std::ranges::none_of(of.outcomes, forbidden) &&
         std::ranges::none_of(of.findings, fresh);
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
