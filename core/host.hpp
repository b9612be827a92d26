// Facts about the machine and about this build that every report carries.
#pragma once

#include <string>

#include "core/report.hpp"

namespace contend {

/// Reads /proc and uname; what cannot be read stays empty.
Host this_host();

/// "none", "thread", or "address,undefined": what this program was built with.
const char* this_sanitizer();

/// The time now as ISO 8601 in UTC: "2026-11-23T10:15:30Z".
std::string utc_now();

/// A report of `tool` with version, host and start time filled in.
Report new_report(std::string tool);

}  // namespace contend
