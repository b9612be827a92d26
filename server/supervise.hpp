// The life of the program around a server: ready, signals, drain, statistics, exit code.
#pragma once

#include "core/expected.hpp"

#include "server/options.hpp"

namespace contend::server {

/// Becomes the program that has the model, if that is another one, with the same arguments. Returns
/// only if it is this one. Errors: the other program is not installed, or cannot be started.
Expected<void> become_program_of_model(const Options& options, char** argv);

/// Serves until SIGINT or SIGTERM. The exit code: 0 drained, 1 the drain deadline cut somebody, 130
/// a second signal did. Errors: the server cannot start, the statistics cannot be written.
Expected<int> serve(const Options& options);

}  // namespace contend::server
