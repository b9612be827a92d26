// May this go in? Turns a report, a baseline, limits and known findings into one verdict.
#pragma once

#include <optional>
#include <vector>

#include "core/report.hpp"

#include "ci/compare.hpp"
#include "ci/known_findings.hpp"
#include "ci/limit.hpp"

namespace contend::ci {

struct Gate {
  std::vector<Limit> limits;
  Fingerprints known;  ///< findings that do not fail: reviewed ones, and the baseline's
  std::optional<Report> baseline;
  Tolerance tolerance;
};

/// The cases as the gate sees them, with what it adds: a failed case for each limit that is broken,
/// for each new finding, each case that the baseline had and this report has not, and each metric
/// that got worse. A case that failed only by known findings passes. A limit that no case could be
/// held against is inconclusive. Pure.
Report judge_gate(const Report& report, const Gate& gate);

}  // namespace contend::ci
