// races run: experiments under lenses, and one report.
#include <memory>
#include <unistd.h>

#include <fmt/format.h>

#include "core/command_line.hpp"
#include "core/file.hpp"
#include "core/interrupt.hpp"
#include "core/json_text.hpp"
#include "core/printable.hpp"
#include "core/summary.hpp"
#include "core/units.hpp"

#include "races/commands.hpp"
#include "races/output.hpp"
#include "races/run.hpp"
#include "races/table.hpp"

namespace contend::races {
namespace {

void show_progress(std::size_t number, std::size_t of, const std::string& id) {
  if (::isatty(STDERR_FILENO) == 1)
    fmt::print(stderr, "\r\033[K[{}/{}] {}", number, of, printable(id, 60));
}

std::string text_of(const Report& report, const Plan& plan, bool with_outcomes) {
  std::string text = summary(report, wants_colour(stdout));
  for (const Case& each : report.cases) {
    if (with_outcomes && !each.id.starts_with("races/canary/")) text += outcome_table(each);
  }
  return text + lens_table(report, plan);
}

int run_experiments(const RunOptions& options) {
  const auto plan = make_plan(options);
  if (!plan) return report_error("races", plan.error());
  if (options.dry_run) return print_out(json_text(to_json(*plan)));
  if (!options.json.empty()) {
    if (const auto writable = check_writable(options.json); !writable) {
      return report_error("races", writable.error());
    }
  }
  handle_interrupts();
  const Report report = run(*plan, show_progress);
  if (::isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\r\033[K");
  return hand_out(report, text_of(report, *plan, !options.names.empty()), options.json);
}

std::string lens_help() {
  std::string text = "Lenses, separated by commas (all of them by default):";
  for (const Lens& lens : lenses()) text += fmt::format(" {} ({});", lens.name, lens.what);
  text.pop_back();
  return text;
}

}  // namespace

void add_run_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand("run", "Run experiments and judge what they did");
  const auto options = std::make_shared<RunOptions>();
  command->add_option("NAME", options->names,
                      "Experiments, or the first part of their names (all by default)");
  command->add_option("--modes", options->modes, lens_help())->delimiter(',');
  add_parsed(*command, "--time", options->time, parse_duration,
             "The most one case may take; a defect that shows ends it sooner (30s)");
  add_parsed(*command, "--seed", options->seed, parse_count,
             "Repeats what can be repeated (random by default)");
  command->add_option("--json", options->json, "Write the report to this file");
  command->add_option("--catalogue", options->catalogue,
                      "Programs of experiments: PREFIX of PREFIX-native and PREFIX-tsan");
  command->add_flag("--dry-run", options->dry_run, "Print the plan and run nothing");
  command->callback(
      [&chosen, options] { chosen = [options] { return run_experiments(*options); }; });
}

}  // namespace contend::races
