// What to explore, completely: every default resolved, the seed chosen.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/expected.hpp"

namespace contend::explore {

enum class Memory { sequential, weak };

struct Plan {
  std::vector<std::string> argv;       ///< the program and its arguments
  std::string name;                    ///< names the case and the schedule file
  std::uint64_t schedules = 10'000;    ///< executions, at most
  std::string strategy = "portfolio";  ///< one of strategy_names()
  std::uint64_t seed = 1;
  Memory memory = Memory::sequential;
  std::uint64_t steps = 100'000;  ///< an execution with more is a livelock
  bool every_access = false;      ///< choice points at every access, not only where one raced
  std::uint64_t at_once = 0;  ///< in one process, if the program offers it; 0: ever more of them
  bool keep_going = false;    ///< do not stop at the first failure: measure hit rates
  bool leaks = true;          ///< what nobody can reach at the end is a finding
  bool minimise = true;       ///< take switches out of a failing schedule while it still fails
  std::chrono::nanoseconds budget = std::chrono::hours(24);  ///< the most time it may take
  std::optional<std::filesystem::path> out;  ///< the folder for NAME.schedule.json; none: no file
};

/// portfolio, dfs, random, pct, pos, surw.
const std::vector<std::string>& strategy_names();

/// Errors: no such strategy; the sentence lists those that there are.
Expected<std::string> parse_strategy(std::string_view text);
Expected<Memory> parse_memory(std::string_view text);
Expected<bool> parse_yes_or_no(std::string_view text);

/// The last part of the program's path.
std::string default_name(const std::vector<std::string>& argv);

}  // namespace contend::explore
