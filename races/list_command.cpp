// races list: one experiment a line.
#include <memory>

#include <fmt/format.h>

#include "core/command_line.hpp"
#include "core/printable.hpp"

#include "races/commands.hpp"
#include "races/output.hpp"
#include "races/plan.hpp"

namespace contend::races {
namespace {

int list(const std::string& catalogue) {
  const auto programs = programs_of(catalogue);
  if (!programs) return report_error("races", programs.error());
  const auto all = facts_of(programs->string() + "-native");
  if (!all) return report_error("races", all.error());
  std::string text;
  std::size_t widest = 0;
  for (const ExperimentFacts& each : *all) widest = std::max(widest, each.name.size());
  for (const ExperimentFacts& each : *all) {
    if (each.is_canary) continue;
    text += fmt::format("{:<{}}  {}  {}\n", printable(each.name), widest,
                        each.is_broken ? "broken" : "fixed ", printable(each.title));
  }
  return print_out(text);
}

}  // namespace

void add_list_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand("list", "Name every experiment, one a line");
  const auto catalogue = std::make_shared<std::string>();
  command->add_option("--catalogue", *catalogue,
                      "Programs of experiments: PREFIX of PREFIX-native and PREFIX-tsan");
  command->callback([&chosen, catalogue] { chosen = [catalogue] { return list(*catalogue); }; });
}

}  // namespace contend::races
