// A command that leaves no report of ours: what it printed, how it ended and what its sanitizers
// said become one case.
#pragma once

#include "core/process.hpp"
#include "core/report.hpp"

#include "ci/step.hpp"

namespace contend::ci {

/// The command with its sanitizer logs turned into files beside its own log.
Command with_sanitizer_logs(const Step& step);

/// The case "suite/NAME": passed with exit code 0 and no finding.
Case suite_case(const Step& step, const Exit& exit);

}  // namespace contend::ci
