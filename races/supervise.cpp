#include "races/supervise.hpp"

#include <algorithm>

#include "core/file.hpp"
#include "core/process.hpp"

namespace contend::races {
namespace {

using namespace std::chrono_literals;

/// Beyond its budget a program may need this long to come up, to be told a hang, and to symbolise
/// reports on a busy machine.
constexpr auto grace = 60s;

/// A crash and a hang say where they were only as offsets.
void look_up_stands(Tally& tally, const std::filesystem::path& program) {
  if (tally.crash) look_up(tally.crash->stand, program);
  if (!tally.hang) return;
  for (ActorStand& stand : *tally.hang) look_up(stand, program);
}

}  // namespace

Expected<Tally> run_experiment(const Task& task, const std::string& suffix,
                               const std::string& awaits, Nanoseconds settle) {
  const auto scratch = ScratchFolder::make();
  if (!scratch) return scratch.error();
  const std::string program = task.programs.string() + "-" + suffix;
  const Command command{
      .argv = {program, "run", task.experiment.name, std::to_string(task.budget.count()),
               std::to_string(std::min(task.budget, settle).count()), std::to_string(task.seed),
               awaits},
      .env = {{"TSAN_OPTIONS", tsan_options("")}},
      .stdout_to = scratch->path() / "tally",
      .stderr_to = scratch->path() / "errors"};
  const auto began = std::chrono::steady_clock::now();
  const auto exit = run_sanitized(command, task.budget + grace);
  if (!exit) return exit.error();
  const auto counted = read_file(command.stdout_to);
  const auto said = read_file(command.stderr_to);
  if (!counted) return counted.error();
  if (!said) return said.error();
  Tally tally = parse_tally(*counted);
  tally.exit = *exit;
  tally.elapsed_ns = std::chrono::nanoseconds(std::chrono::steady_clock::now() - began).count();
  tally.stderr_text = *said;
  tally.log = read_sanitizer_log(*said, CONTEND_SOURCE_ROOT);
  look_up_stands(tally, program);
  return tally;
}

}  // namespace contend::races
