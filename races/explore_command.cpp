// races explore: an experiment, or any program linked with contend::explore, under schedules that
// we control.
#include <algorithm>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "core/command_line.hpp"
#include "core/file.hpp"
#include "core/interrupt.hpp"
#include "core/printable.hpp"
#include "core/summary.hpp"
#include "core/units.hpp"

#include "races/commands.hpp"
#include "races/explore/explorer.hpp"
#include "races/explore/lanes.hpp"
#include "races/output.hpp"
#include "races/plan.hpp"

namespace contend::races {
namespace {

struct ExploreOptions {
  explore::Plan plan;
  std::string out = ".";
  std::string json;
  std::string catalogue;
};

/// Makes a plan for an experiment of one that says its name; others stay as they are.
/// Errors: --catalogue, and there is no such experiment in it.
Expected<void> name_experiment(explore::Plan& plan, const std::string& catalogue) {
  const std::string typed = plan.argv.at(0);
  const bool may_be_one = plan.argv.size() == 1 && typed.find('/') != std::string::npos;
  if (catalogue.empty() && !may_be_one) return {};
  const auto programs = programs_of(catalogue);
  if (!programs) return programs.error();
  const auto all = facts_of(programs->string() + "-native");
  if (!all) return all.error();
  if (std::ranges::find(*all, typed, &ExperimentFacts::name) == all->end()) {
    return catalogue.empty() ? Expected<void>() : unknown_experiment(typed);
  }
  plan.argv = {programs->string() + "-explore", typed};
  if (plan.name.empty()) plan.name = typed;
  return {};
}

std::string findings_text(const Case& in) {
  constexpr std::size_t most = 10;
  std::string text;
  for (std::size_t k = 0; k < std::min(most, in.findings.size()); ++k) {
    const Finding& finding = in.findings[k];
    text += fmt::format("\n{} ×{} {}\n", finding.rule, finding.count, printable(finding.message)) +
            stacks_text(finding);
  }
  if (in.findings.size() > most) {
    text += fmt::format("\nand {} more findings: --json FILE has them all\n",
                        in.findings.size() - most);
  }
  if (!in.lanes.empty()) {
    text += fmt::format(
        "\nThe failing schedule; > marks where a thread that could go on was interrupted:\n\n{}",
        explore::draw_lanes(in.lanes));
  }
  if (!in.reproduce.empty()) text += fmt::format("\nreplay: {}\n", printable(in.reproduce));
  return text;
}

int explore_program(const ExploreOptions& options) {
  explore::Plan plan = options.plan;
  plan.out = options.out;
  if (const auto named = name_experiment(plan, options.catalogue); !named) {
    return report_error("races", named.error());
  }
  if (plan.name.empty()) plan.name = explore::default_name(plan.argv);
  std::ranges::replace(plan.name, '/', '-');  // it names files
  if (!options.json.empty()) {
    if (const auto writable = check_writable(options.json); !writable) {
      return report_error("races", writable.error());
    }
  }
  handle_interrupts();
  Expected<void> written;
  const Expected<Report> report = explore::explore(plan, written);
  if (!report) return report_error("races", report.error());
  const std::string text = summary(*report, wants_colour(stdout));
  return hand_out(*report, text + findings_text(report->cases.at(0)), options.json, written);
}

}  // namespace

void add_explore_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand("explore", "Search a program's schedules for a failing one");
  const auto options = std::make_shared<ExploreOptions>();
  explore::Plan& plan = options->plan;
  add_parsed(*command, "--schedules", plan.schedules, parse_count,
             "Executions, at most (10k); a failure or a proof ends it sooner");
  add_parsed(*command, "--strategy", plan.strategy, explore::parse_strategy,
             "portfolio (default), dfs, random, pct, pos or surw");
  add_parsed(*command, "--memory", plan.memory, explore::parse_memory,
             "sequential (default) or weak");
  add_parsed(*command, "--seed", plan.seed, parse_count, "Repeats the same search (1)");
  add_parsed(*command, "--steps", plan.steps, parse_count,
             "An execution with more is a livelock (100k)");
  command->add_flag("--every-access", plan.every_access,
                    "Choice points at every access, not only at those that raced");
  add_parsed(*command, "--leaks", plan.leaks, explore::parse_yes_or_no,
             "yes (default): what nobody can reach at the end is a finding; or no");
  command->add_flag("--keep-going", plan.keep_going, "Do not stop at the first failure");
  command->add_option("--name", plan.name, "Names the case and the schedule file (PROGRAM's)");
  command->add_option("--out", options->out,
                      "The folder for NAME.schedule.json and NAME.lanes.txt (.)");
  command->add_option("--json", options->json, "Write the report to this file");
  command->add_option("--catalogue", options->catalogue,
                      "Programs of experiments: PREFIX of PREFIX-native and PREFIX-explore");
  command
      ->add_option("PROGRAM", plan.argv,
                   "An experiment's name; or after --: the program, and its arguments")
      ->required();
  command->callback(
      [&chosen, options] { chosen = [options] { return explore_program(*options); }; });
}

}  // namespace contend::races
