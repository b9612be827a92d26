#include "ci/expect.hpp"

namespace contend::ci {

void expect_defect(Case& of) {
  of.expect = Expect::defect;
  if (of.verdict == Verdict::errored || of.verdict == Verdict::skipped) return;
  const bool seen = of.verdict == Verdict::failed || !of.findings.empty();
  of.verdict = seen ? Verdict::passed : Verdict::inconclusive;
  of.reason =
      (seen ? "the expected defect was seen: " : "the expected defect was not seen: ") + of.reason;
  for (Finding& each : of.findings) each.level = Level::note;
}

}  // namespace contend::ci
