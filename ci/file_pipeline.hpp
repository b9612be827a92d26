// The pipeline that a contend.toml describes.
#pragma once

#include <filesystem>

#include "ci/gate.hpp"
#include "ci/pipeline_file.hpp"
#include "ci/step.hpp"

namespace contend::ci {

/// A pipeline file, where it lies, and what it is judged by.
struct LoadedPipeline {
  PipelineFile file;
  std::filesystem::path folder;  ///< absolute; commands run there
  Gate gate;
};

/// Reads the file and the baseline and known findings that it names. Errors: those of
/// parse_pipeline_file(), load_report() and load_known_findings().
Expected<LoadedPipeline> load_pipeline(const std::filesystem::path& path);

/// Every step, its files in `steps` (made where missing). A program that is not installed is an
/// errored case.
Pipeline file_pipeline(const LoadedPipeline& loaded, const std::filesystem::path& steps);

}  // namespace contend::ci
