// races replay: a failing schedule once more, from its file.
#include <memory>

#include "core/command_line.hpp"
#include "core/interrupt.hpp"

#include "races/commands.hpp"
#include "races/explore/explorer.hpp"

namespace contend::races {

void add_replay_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand("replay", "Make the failure of a schedule file happen again");
  const auto file = std::make_shared<std::string>();
  command->add_option("FILE", *file, "What races explore wrote")->required();
  command->callback([&chosen, file] {
    chosen = [file] {
      handle_interrupts();
      const Expected<int> code = explore::replay(*file);
      return code ? *code : report_error("races", code.error());
    };
  });
}

}  // namespace contend::races
