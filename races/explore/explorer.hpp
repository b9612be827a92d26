// Explores one program: canary first, then execution after execution under the portfolio, until it
// is proved, found, or out of schedules. Writes the failing schedule; the report is the caller's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/expected.hpp"
#include "core/report.hpp"

#include "races/explore/plan.hpp"

namespace contend::explore {

/// A report of one case. Findings of a program that fails are errors and its verdict failed; proved
/// and not found in N pass, and the reason states the bound.
/// Errors: no such program, it is not linked with contend::explore, the schedule cannot be written.
Expected<Report> explore(const Plan& plan);

/// The same, but for a schedule that cannot be written after the search: `saved` tells of it, and
/// what was found is reported all the same.
Expected<Report> explore(const Plan& plan, Expected<void>& saved);

/// Makes the failure of a schedule file happen again.
/// 1 it did; 2 the execution diverged from the file; 0 it fits, and nothing failed. Prints a line.
/// Errors: those of explore(), and a broken file.
Expected<int> replay(const std::filesystem::path& file);

/// This process becomes gdb with `options`, and the program in it stops where the schedule fails,
/// or where it leaves its file. Returns only what went wrong.
Error debug(const std::filesystem::path& file, const std::vector<std::string>& options);

}  // namespace contend::explore
