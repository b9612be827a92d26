// From what was counted to a case of the report: verdict, reason, metrics, findings. Pure, but for
// the one function that writes the schedule.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "core/expected.hpp"
#include "core/report.hpp"

#include "races/explore/plan.hpp"
#include "races/explore/portfolio.hpp"
#include "races/explore/schedule.hpp"

namespace contend::explore {

struct Tally {
  std::uint64_t schedules = 0;
  std::uint64_t failures = 0;
  std::uint64_t first_failure = 0;  ///< the number of the schedule that failed first
  std::uint64_t steps = 0;
  std::uint64_t accesses = 0;
  std::vector<MemberTally> members;
  bool proved = false;
  bool spun = false;  ///< a thread that spun or yielded was made to wait for others
  std::uint32_t bounds_done = 0;
  std::uint64_t searched = 0;
  std::size_t racy_places = 0;
  std::optional<std::string> unreliable;
  std::vector<Finding> found;  ///< failures, the first one first
  std::vector<Finding> races;
  std::vector<Finding> leaks;
  std::uint64_t first_leak = 0;      ///< the number of the schedule that leaked first
  std::uint64_t first_race = 0;      ///< the number of the schedule that raced first
  std::optional<Schedule> schedule;  ///< of the first failure; of the first race or leak without
  std::vector<LaneStep> lanes;       ///< that schedule
  std::chrono::nanoseconds elapsed{};
  bool interrupted = false;
};

Case grade(const Plan& plan, const Tally& tally);

boost::json::object to_json_object(const Plan& plan);

/// Says before the search whether what it finds could be written after it; leaves nothing behind.
Expected<void> check_place(const Plan& plan);

/// Writes NAME.schedule.json and NAME.lanes.txt if something was found; names them in the case.
Expected<void> save_schedule(const Plan& plan, const Tally& tally, Case& in);

}  // namespace contend::explore
