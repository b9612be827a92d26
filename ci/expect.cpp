#include "ci/expect.hpp"

#include <algorithm>

#include "ci/limit.hpp"

namespace contend::ci {
namespace {

bool is_wanted(const Finding& finding, std::string_view rules) {
  while (!rules.empty()) {
    const std::size_t comma = std::min(rules.find(','), rules.size());
    if (matches(rules.substr(0, comma), finding.rule)) return true;
    rules.remove_prefix(std::min(comma + 1, rules.size()));
  }
  return false;
}

}  // namespace

void expect_defect(Case& of, const std::string& rules) {
  of.expect = Expect::defect;
  if (of.verdict == Verdict::errored || of.verdict == Verdict::skipped) return;
  const std::string what = rules == any_rule ? "the expected defect" : "the expected " + rules;
  bool seen = false;
  bool other = false;
  for (Finding& each : of.findings) {
    const bool wanted = is_wanted(each, rules);
    seen |= wanted;
    other |= !wanted && each.level == Level::error;
    if (wanted) each.level = Level::note;
  }
  if (other) {
    of.verdict = Verdict::failed;
    of.reason = "something else than " + what + " was found: " + of.reason;
  } else if (seen) {
    of.verdict = Verdict::passed;
    of.reason = "the expected defect was seen: " + of.reason;
  } else {
    of.verdict = Verdict::inconclusive;
    of.reason = what + " was not seen: " + of.reason;
  }
}

}  // namespace contend::ci
