#include <cstdio>

#include <fmt/format.h>

#include "core/file.hpp"

#include "races/explore/explorer.hpp"
#include "races/explore/judge.hpp"
#include "races/explore/lanes.hpp"
#include "races/explore/schedule.hpp"
#include "races/explore/target.hpp"

namespace contend::explore {
namespace {

constexpr int happened_again = 1;
constexpr int went_elsewhere = 2;

int say(int code, const std::string& sentence) {
  fmt::print("{}\n", sentence);
  return code;
}

bool raced_again(const Schedule& schedule, const Execution& execution) {
  return (schedule.rule == "explore.data-race" || schedule.rule == "explore.use-after-free") &&
         !execution.races.empty();
}

}  // namespace

Expected<int> replay(const std::filesystem::path& file) {
  const Expected<std::string> text = read_file(file);
  if (!text) return text.error();
  const Expected<Schedule> schedule = schedule_from_json(*text);
  if (!schedule) return usage_error(file.string() + ": " + schedule.error().message);
  Expected<Target> target = Target::start(schedule->argv);
  if (!target) return target.error();
  target->set_racy(schedule->racy);
  const Expected<Execution> execution = target->run(instruction_of(*schedule), schedule->choices);
  if (!execution) return execution.error();
  if (const auto why = unreliable(*execution)) {
    return say(went_elsewhere, fmt::format("diverged: {}", *why));
  }
  const std::optional<Failure> failure = judge(*execution, target->output());
  const bool same = failure && failure->rule == schedule->rule && failure->kind == schedule->kind;
  if (!execution->races.empty() || failure) {
    Symbols symbols(target->program(), target->base());
    fmt::print("{}\n", draw_lanes(execution->events, execution->choices, symbols));
  }
  if (same) return say(happened_again, "it happened again: " + failure->message);
  if (raced_again(*schedule, *execution)) {
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
