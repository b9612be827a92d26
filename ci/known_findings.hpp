// The findings that somebody has looked at and decided to live with: a reviewed text file, one
// fingerprint a line, with a remark that says why.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "core/expected.hpp"
#include "core/report.hpp"

namespace contend::ci {

using Fingerprints = std::set<std::string>;

/// "FINGERPRINT remark"; blank lines and lines beginning with # say nothing. Errors: those of
/// read_file(), and a fingerprint without a remark, named with its line.
Expected<Fingerprints> load_known_findings(const std::filesystem::path& path);

/// The line to put into the file for a finding, the remark still to be written.
std::string known_line(const Finding& finding);

}  // namespace contend::ci
