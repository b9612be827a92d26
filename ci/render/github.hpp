// For GitHub's runner: annotations on lines, and the job page.
#pragma once

#include <string>

#include "core/report.hpp"

namespace contend::ci {

/// Workflow commands (::error …) to print. The runner drops all but ten of a step without a word,
/// so the worst nine come and the tenth says how many there are.
std::string render_github(const Report& report);

/// Markdown for $GITHUB_STEP_SUMMARY, which refuses as a whole what is over 1 MiB: cut before.
std::string render_summary(const Report& report);

}  // namespace contend::ci
