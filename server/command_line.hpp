// argv → Options of echo-server. Says what is wrong in one sentence; opens nothing.
#pragma once

#include <variant>

#include "server/options.hpp"

namespace contend::server {

/// The options, or the exit code to end with when help, a list or a complaint has been printed.
std::variant<Options, int> parse_command_line(int argc, const char* const* argv);

}  // namespace contend::server
