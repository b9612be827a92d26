// The subcommands of `races`. Each is one file that adds itself to the command line; main lists
// them.
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

namespace contend::races {

/// What the chosen subcommand does after parsing; returns the exit code.
using Action = std::function<int()>;

/// Adds a subcommand to `app` that sets `chosen` when it is the one on the command line.
using AddCommand = void (*)(CLI::App& app, Action& chosen);

void add_list_command(CLI::App& app, Action& chosen);
void add_run_command(CLI::App& app, Action& chosen);
void add_scan_command(CLI::App& app, Action& chosen);
void add_explore_command(CLI::App& app, Action& chosen);
void add_replay_command(CLI::App& app, Action& chosen);

}  // namespace contend::races
