// The command line of contend: one group of options for each verb.
#pragma once

#include <optional>

#include "ci/options.hpp"

namespace contend::ci {

/// Fills `into` with what was asked. Returns an exit code when there is nothing more to do: help
/// was printed (0), or a sentence about bad input (64).
std::optional<int> parse_command_line(int argc, const char* const* argv, Options& into);

}  // namespace contend::ci
