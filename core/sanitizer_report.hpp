// Reads what ThreadSanitizer (g++ or clang) or Go's race detector printed, from a log mixed with
// other text, into findings. Not the reader of any other sanitizer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/report.hpp"

namespace contend {

struct SanitizerLog {
  std::vector<Finding> findings;  ///< equal ones folded, in order of first appearance
  /// A sentence, when the runtime itself died ("unexpected memory mapping", CHECK failed, thread
  /// limit): the run then proves nothing and is errored, never clean.
  std::optional<std::string> broken;
  std::int64_t cut_off = 0;      ///< reports without an end; what could be saved of them is there
  std::int64_t other_lines = 0;  ///< that hold something and belong to no report
};

/// What to put into TSAN_OPTIONS (appended to what the user has there) so that a program logs to
/// `PREFIX.PID` in the form that read_sanitizer_log() reads best. With an empty prefix it logs to
/// stderr, which is what run_sanitized() needs: the runtime tells only its log when it cannot
/// start.
std::string tsan_options(std::string_view log_prefix);

/// Never fails: garbage in, nothing out. Files under `source_root` (empty: the current folder) are
/// named relative to it; the text of their lines goes into the fingerprints where it can be read.
SanitizerLog read_sanitizer_log(std::string_view text,
                                const std::filesystem::path& source_root = {});

}  // namespace contend
