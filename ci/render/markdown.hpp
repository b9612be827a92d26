// The report as Markdown: for a job page, a merge request, or a reader in a terminal.
#pragma once

#include <string>

#include "core/report.hpp"

namespace contend::ci {

/// Verdict first, worst case first, details folded. Headings start at the third level, since it is
/// put under other people's headings.
std::string render_markdown(const Report& report);

}  // namespace contend::ci
