// races replay: a failing schedule once more, from its file.
#include <memory>
#include <string>
#include <vector>

#include "core/command_line.hpp"
#include "core/interrupt.hpp"

#include "races/commands.hpp"
#include "races/explore/explorer.hpp"

namespace contend::races {
namespace {

struct ReplayOptions {
  std::string file;
  bool in_gdb = false;
  std::vector<std::string> gdb_options;
};

int replay(const ReplayOptions& options) {
  if (options.in_gdb)
    return report_error("races", explore::debug(options.file, options.gdb_options));
  if (!options.gdb_options.empty()) {
    return report_error("races",
                        usage_error("options for gdb need --gdb: " + options.gdb_options[0]));
  }
  handle_interrupts();
  const Expected<int> code = explore::replay(options.file);
  return code ? *code : report_error("races", code.error());
}

}  // namespace

void add_replay_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand("replay", "Make the failure of a schedule file happen again");
  const auto options = std::make_shared<ReplayOptions>();
  command->add_option("FILE", options->file, "What races explore wrote")->required();
  command->add_flag("--gdb", options->in_gdb,
                    "In gdb, stopped where it fails or where it leaves its file");
  command->add_option("OPTION", options->gdb_options, "After --: for gdb, as in -- -batch -ex bt");
  command->callback([&chosen, options] { chosen = [options] { return replay(*options); }; });
}

}  // namespace contend::races
