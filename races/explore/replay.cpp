#include <fmt/format.h>

#include "core/file.hpp"
#include "core/print.hpp"
#include "core/printable.hpp"

#include "races/explore/explorer.hpp"
#include "races/explore/judge.hpp"
#include "races/explore/lanes.hpp"
#include "races/explore/schedule.hpp"
#include "races/explore/target.hpp"

namespace contend::explore {
namespace {

constexpr int happened_again = 1;
constexpr int went_elsewhere = 2;

Expected<int> say(int code, const std::string& sentence) {
  if (const auto printed = print(stdout, printable(sentence) + "\n"); !printed)
    return printed.error();
  return code;
}

Expected<Schedule> load(const std::filesystem::path& file) {
  const Expected<std::string> text = read_file(file);
  if (!text) return text.error();
  Expected<Schedule> schedule = schedule_from_json(*text);
  if (!schedule) return usage_error(file.string() + ": " + schedule.error().message);
  return schedule;
}

bool is_race(const Schedule& schedule) {
  return schedule.rule == "explore.data-race" || schedule.rule == "explore.use-after-free";
}

bool found_again(const Schedule& schedule, const Execution& execution) {
  return is_race(schedule) && !execution.races.empty();
}

}  // namespace

Error debug(const std::filesystem::path& file, const std::vector<std::string>& options) {
  const Expected<Schedule> schedule = load(file);
  if (!schedule) return schedule.error();
  std::vector<std::string> command{"gdb", "-q"};
  // The program forks for the execution, and that child is the one to look at.
  for (const char* first : {"set follow-fork-mode child", "set detach-on-fork on", "run"}) {
    command.insert(command.end(), {"-ex", first});
  }
  command.insert(command.end(), options.begin(), options.end());
  command.emplace_back("--args");
  command.insert(command.end(), schedule->argv.begin(), schedule->argv.end());
  Instruction told = instruction_of(*schedule);
  told.stop_at_end = true;
  told.stop_at_race = is_race(*schedule);
  return Target::become(command, told, schedule->choices, schedule->racy);
}

Expected<int> replay(const std::filesystem::path& file) {
  const Expected<Schedule> schedule = load(file);
  if (!schedule) return schedule.error();
  Expected<Target> target = Target::start(schedule->argv);
  if (!target) return target.error();
  target->set_racy(schedule->racy);
  const Expected<Execution> execution = target->run(instruction_of(*schedule), schedule->choices);
  if (!execution) return execution.error();
  if (const auto why = unreliable(*execution)) {
    return say(went_elsewhere, fmt::format("diverged: {}", *why));
  }
  const std::optional<Failure> again =
      find_failure(*execution, target->output(), schedule->rule, schedule->kind);
  if (again || !execution->races.empty() || judge(*execution, target->output())) {
    Symbols symbols(target->program(), target->base(), instrumented_libraries(target->server()));
    SourceLines sources{std::filesystem::current_path()};
    const auto lanes = lanes_of(execution->events, execution->choices, symbols, sources);
    if (const auto printed = print(stdout, draw_lanes(lanes) + "\n"); !printed)
      return printed.error();
  }
  if (again) return say(happened_again, "it happened again: " + again->message);
  if (found_again(*schedule, *execution)) {
    return say(happened_again, "it happened again: " + schedule->message);
  }
  if (execution->result.hash != schedule->hash) {
    return say(went_elsewhere,
               fmt::format("diverged after choice {}: the program is not the one that failed",
                           execution->choices.size()));
  }
  return say(0, "the schedule fits, and nothing failed");
}

}  // namespace contend::explore
