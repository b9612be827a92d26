// A command that leaves no report of ours: what it printed, how it ended and what its sanitizers
// said become one case, and each test that it wrote down in JUnit another.
#pragma once

#include <vector>

#include "core/process.hpp"
#include "core/report.hpp"

#include "ci/step.hpp"

namespace contend::ci {

/// The command with its sanitizer logs turned into files beside its own log.
Command with_sanitizer_logs(const Step& step);

/// The case "suite/NAME": passed with exit code 0 and no finding; after it a case for each test of
/// the step's JUnit file. A file that is not there or makes no sense errs: its tests may not
/// vanish.
std::vector<Case> suite_cases(const Step& step, const Exit& exit);

}  // namespace contend::ci
