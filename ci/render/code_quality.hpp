// GitLab's code quality report: findings on the lines of a merge request.
#pragma once

#include <string>

#include "core/report.hpp"

namespace contend::ci {

/// One entry for each fingerprint that is not expected and has a place.
std::string render_code_quality(const Report& report);

}  // namespace contend::ci
