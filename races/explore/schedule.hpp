// A schedule: all that it takes to make one execution happen again, and its file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/expected.hpp"

#include "races/explore/protocol.hpp"

namespace contend::explore {

struct Schedule {
  std::vector<std::string> argv;
  std::string name;
  std::string strategy;  ///< who found it
  std::uint64_t seed = 0;
  std::string rule;  ///< of the failure
  std::string kind;  ///< what tells it from others of that rule
  std::string message;
  bool every_access = false;
  bool unlock_points = false;
  bool start_points = false;
  bool weak_memory = false;
  std::uint64_t steps = 0;          ///< the step bound it was found under
  std::vector<std::uint64_t> racy;  ///< choice points, as the learner has them
  std::vector<Choice> choices;
  std::uint64_t hash = 0;  ///< of the whole execution

  bool operator==(const Schedule&) const = default;
};

/// Text of a NAME.schedule.json, format contend.schedule/1.
std::string to_json(const Schedule& schedule);

/// Errors: not JSON, not of that format, a member missing or of another type.
Expected<Schedule> schedule_from_json(std::string_view text);

/// What the runtime is told to repeat it.
Instruction instruction_of(const Schedule& schedule);

}  // namespace contend::explore
