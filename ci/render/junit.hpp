// JUnit XML as GitLab, Jenkins and the GitHub actions read it.
#pragma once

#include <string>

#include "core/report.hpp"

namespace contend::ci {

/// One suite a room, one test case a case: failed is a failure, errored an error, skipped and
/// inconclusive are skipped with the reason, for JUnit has no word for "cannot tell".
std::string render_junit(const Report& report);

}  // namespace contend::ci
