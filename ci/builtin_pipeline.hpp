// The pipeline that `contend run` runs when nobody gave it another: every shipped server model
// under verified load, and n += 1 three ways.
#pragma once

#include <filesystem>

#include "ci/step.hpp"

namespace contend::ci {

/// Asks the echo server for its models and plans a step for each. `folder` is made, and is where
/// the steps' files will lie. What cannot be planned (a program that is not installed) is an
/// errored case; a model that this machine lacks (io_uring is forbidden, or was not there to be
/// built) is a skipped one, with the reason that the server gave.
Pipeline builtin_pipeline(const std::filesystem::path& folder);

}  // namespace contend::ci
