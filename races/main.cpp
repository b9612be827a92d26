// races: does my code race? Wires the subcommands; each is a file of its own.
#include "core/command_line.hpp"

#include "races/commands.hpp"
#include "races/lens.hpp"

int main(int argc, char** argv) {
  using namespace contend::races;
  CLI::App app;
  contend::describe_program(app, "races", "Experiments with data races, and lenses to see them",
                            lens_names());
  Action chosen;
  for (const AddCommand add : {add_list_command, add_run_command, add_scan_command,
                               add_explore_command, add_replay_command}) {
    add(app, chosen);
  }
  if (const auto code = contend::parse(app, argc, argv)) return *code;
  if (!chosen) {
    return contend::report_error("races", contend::usage_error("say what to do; --help lists it"));
  }
  return chosen();
}
