// How a subcommand ends: what it prints for people, the report, and the exit code.
#pragma once

#include <string>

#include "core/expected.hpp"
#include "core/report.hpp"

namespace contend::races {

/// The stacks of a finding, a frame a line, as text that is safe to show.
std::string stacks_text(const Finding& finding);

/// Prints `text` and returns 0; the code of the error where it cannot be printed.
int print_out(const std::string& text);

/// Prints `text`, then writes the report to `json` unless that is empty. All that can be kept is:
/// should the disk be full, the one is not lost for the other.
/// Returns the report's exit code; the error's where one of them failed, or `before` did.
int hand_out(const Report& report, const std::string& text, const std::string& json,
             const Expected<void>& before = {});

}  // namespace contend::races
