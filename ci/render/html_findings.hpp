// The page's cards for findings: the stacks side by side, with the source lines they point at.
#pragma once

#include <string>

#include "core/report.hpp"

#include "ci/render/sources.hpp"

namespace contend::ci {

/// One card for each fingerprint, naming every case that reported it; empty where there are none.
std::string html_findings(const Report& report, Sources& sources);

}  // namespace contend::ci
