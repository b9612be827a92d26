// Runs a pipeline's steps one after the other (they measure, so they must not share the machine)
// and joins what they found into one report.
#pragma once

#include <filesystem>

#include "core/report.hpp"

#include "ci/progress.hpp"
#include "ci/step.hpp"

namespace contend::ci {

/// Where the steps' reports, logs and other artifacts lie, inside the report's folder.
inline constexpr const char* steps_folder = "steps";

/// Never fails: what goes wrong is a case. After an interrupt the remaining steps are skipped cases
/// and the report says so. `folder` is where the report will lie; artifacts are named from there.
Report run_pipeline(const Pipeline& pipeline, const std::filesystem::path& folder,
                    Progress& progress);

}  // namespace contend::ci
