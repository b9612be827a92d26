// A step that expects a defect: a race on purpose, a planted fault. The programs that it runs know
// nothing of that, so their verdict is turned round here.
#pragma once

#include "core/report.hpp"

namespace contend::ci {

/// Passed where the case failed or has a finding, whose level becomes note; inconclusive where
/// nothing was seen. What errored or was skipped stays.
void expect_defect(Case& of);

}  // namespace contend::ci
