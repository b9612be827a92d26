// The report as a file. Writing gives every member, optionals as null; reading fills what is
// missing and drops what it does not know, so that older and newer files both load.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/expected.hpp"
#include "core/report.hpp"

namespace contend {

/// JSON text, indented by two, ending in a newline. Bytes that are no UTF-8 are written as \xNN. A
/// number that is not finite is a bug and aborts.
std::string to_json(const Report& report);

/// Errors: not JSON, not a report of schema contend.report/1, a member of another type (named).
Expected<Report> report_from_json(std::string_view text);

/// Errors: as write_file() and read_file() of core/file.hpp, and those of report_from_json().
Expected<void> save(const Report& report, const std::filesystem::path& path);
Expected<Report> load_report(const std::filesystem::path& path);

}  // namespace contend
