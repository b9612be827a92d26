// SARIF 2.1.0: findings for code scanning, each race with both of its stacks.
#pragma once

#include <string>

#include "core/report.hpp"

#include "ci/render/sources.hpp"

namespace contend::ci {

/// One result for each fingerprint; verdicts and metrics have no place in the format.
std::string render_sarif(const Report& report, Sources& sources);

}  // namespace contend::ci
