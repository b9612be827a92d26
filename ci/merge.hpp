// Joins reports into one without losing a case. Only shards of one plan are added up (core/shards);
// other cases stay apart, since only their own program knows how.
#pragma once

#include <filesystem>
#include <vector>

#include "core/expected.hpp"
#include "core/report.hpp"

namespace contend::ci {

/// A report and the folder that its artifacts' paths start from.
struct Part {
  Report report;
  std::filesystem::path folder;
};

/// The cases of all parts in order, artifacts named from `folder`. Of two cases with one id the
/// second becomes "id#2". One part is returned as it is; of several, tool, host and start time are
/// the first part's, elapsed times add up, and plan.parts holds the plans.
Report merge(std::vector<Part> parts, const std::filesystem::path& folder);

/// Reads and merges report.json files, or the folders that hold one; shards of one plan become one
/// case first. Errors: those of load_report() and merge_shards().
Expected<Report> merge_files(const std::vector<std::filesystem::path>& in,
                             const std::filesystem::path& folder);

/// Gives every id that occurs again the next free number: "id", "id#2", "id#3".
void number_repeats(std::vector<Case>& cases);

}  // namespace contend::ci
