#include "races/explore/grade.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value_from.hpp>
#include <fmt/format.h>

#include "core/file.hpp"
#include "core/process.hpp"
#include "core/units.hpp"

#include "races/explore/lanes.hpp"

namespace contend::explore {
namespace {

Metric count(std::string name, std::uint64_t value) {
  return {.name = std::move(name), .value = static_cast<double>(value), .unit = ""};
}

std::vector<Metric> metrics_of(const Tally& tally) {
  std::vector<Metric> metrics{count("schedules", tally.schedules)};
  const double seconds = std::chrono::duration<double>(tally.elapsed).count();
  metrics.push_back({.name = "schedules_per_second",
                     .value = seconds > 0 ? static_cast<double>(tally.schedules) / seconds : 0,
                     .unit = "schedules/s",
                     .better = Better::higher});
  metrics.push_back(count("failures", tally.failures));
  if (tally.failures > 0) metrics.push_back(count("first_failure", tally.first_failure));
  metrics.push_back(count("data_races", tally.races.size()));
  metrics.push_back(count("leaks", tally.leaks.size()));
  for (const MemberTally& member : tally.members) {
    if (member.executions == 0) continue;
    metrics.push_back(count("schedules_" + member.name, member.executions));
    metrics.push_back(
        {.name = "hit_rate_" + member.name,
         .value = static_cast<double>(member.failures) / static_cast<double>(member.executions),
         .unit = ""});
  }
  return metrics;
}

constexpr const char* spinners_wait = ", whoever spins or yields lets others go first";

std::string model_of(const Plan& plan, const Tally& tally) {
  const char* points = plan.every_access ? "every access" : "synchronisation and racy accesses";
  const char* memory = plan.memory == Memory::weak ? "weak memory, without load buffering"
                                                   : "sequential consistency";
  return fmt::format("{}, choice points at {}{}", memory, points, tally.spun ? spinners_wait : "");
}

std::string bound_of(const Plan& plan, const Tally& tally) {
  const double most = tally.schedules == 0 ? 1.0 : 3.0 / static_cast<double>(tally.schedules);
  std::string text = fmt::format(
      "not found in {} schedules ({}): if each failed with the same chance, that is below {:.2g} "
      "with "
      "95 % confidence",
      format_count(static_cast<std::int64_t>(tally.schedules)), model_of(plan, tally), most);
  if (tally.bounds_done > 0) {
    text += fmt::format("; all schedules with at most {} preemption{} are among them",
                        tally.bounds_done - 1, tally.bounds_done == 2 ? "" : "s");
  }
  return text;
}

// A race or a leak does not end the search.
std::string extent_of(const Tally& tally) {
  const auto count = [](std::uint64_t n) { return format_count(static_cast<std::int64_t>(n)); };
  return tally.proved ? fmt::format("; all {} schedules end well{}", count(tally.searched),
                                    tally.spun ? spinners_wait : "")
                      : fmt::format("; {} schedules ended well", count(tally.schedules));
}

void judge_clean(const Plan& plan, const Tally& tally, Case& into) {
  if (tally.accesses == 0) {
    into.verdict = Verdict::inconclusive;
    into.reason = "no instrumented code ran: compile the program with -fsanitize=thread";
  } else if (tally.schedules == 0) {
    into.reason = "nothing ran";
  } else if (tally.proved) {
    into.verdict = Verdict::passed;
    into.reason =
        fmt::format("proved: all {} schedules are fine ({})",
                    format_count(static_cast<std::int64_t>(tally.searched)), model_of(plan, tally));
  } else {
    into.verdict = Verdict::passed;
    into.reason = bound_of(plan, tally);
  }
}

constexpr const char* schedule_suffix = ".schedule.json";
constexpr const char* lanes_suffix = ".lanes.txt";

std::filesystem::path file_of(const Plan& plan, const char* suffix) {
  return (*plan.out / (plan.name + suffix)).lexically_normal();
}

}  // namespace

Case grade(const Plan& plan, const Tally& tally) {
  Case graded{.id = "races/explore/" + plan.name,
              .title = fmt::format("{} under controlled schedules", plan.name)};
  graded.elapsed_ns = tally.elapsed.count();
  graded.metrics = metrics_of(tally);
  for (const auto* kind : {&tally.found, &tally.races, &tally.leaks}) {
    graded.findings.insert(graded.findings.end(), kind->begin(), kind->end());
  }
  if (graded.findings.empty()) {
    judge_clean(plan, tally, graded);
  } else {
    const std::uint64_t schedule = !tally.found.empty()   ? tally.first_failure
                                   : !tally.races.empty() ? tally.first_race
                                                          : tally.first_leak;
    graded.verdict = Verdict::failed;
    graded.reason =
        fmt::format("found at schedule {}: {}", schedule, graded.findings.front().message);
    if (tally.found.empty()) graded.reason += extent_of(tally);
  }
  graded.lanes = tally.lanes;
  if (tally.unreliable && graded.verdict != Verdict::failed) {
    graded.verdict = Verdict::inconclusive;
    graded.reason = *tally.unreliable;
  }
  return graded;
}

boost::json::object to_json_object(const Plan& plan) {
  return {{"program", boost::json::value_from(plan.argv)},
          {"schedules", plan.schedules},
          {"strategy", plan.strategy},
          {"seed", plan.seed},
          {"memory", plan.memory == Memory::weak ? "weak" : "sequential"},
          {"steps", plan.steps},
          {"every_access", plan.every_access},
          {"leaks", plan.leaks}};
}

Expected<void> check_place(const Plan& plan) {
  if (!plan.out) return {};
  for (const char* suffix : {schedule_suffix, lanes_suffix}) {
    // Folders are made only when there is something to write: the first that is missing could be.
    std::filesystem::path path = file_of(plan, suffix);
    std::error_code ignored;
    while (path.has_parent_path() && !std::filesystem::exists(path.parent_path(), ignored)) {
      path = path.parent_path();
    }
    if (const Expected<void> writable = check_writable(path); !writable) return writable;
  }
  return {};
}

Expected<void> save_schedule(const Plan& plan, const Tally& tally, Case& in) {
  if (!tally.schedule || !plan.out) return {};
  const std::filesystem::path path = file_of(plan, schedule_suffix);
  if (path.has_parent_path()) {
    std::error_code failed;
    std::filesystem::create_directories(path.parent_path(), failed);
    if (failed) return errno_error("making " + path.parent_path().string(), failed.value());
  }
  if (const Expected<void> saved = write_file(path, to_json(*tally.schedule)); !saved)
    return saved.error();
  in.artifacts.push_back(path.string());
  in.reproduce = quote_words({"races", "replay", path.string()});
  const std::filesystem::path lanes = file_of(plan, lanes_suffix);
  if (const Expected<void> saved = write_file(lanes, draw_lanes(tally.lanes)); !saved)
    return saved.error();
  in.artifacts.push_back(lanes.string());
  return {};
}

}  // namespace contend::explore
