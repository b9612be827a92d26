#include "races/explore/plan.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace contend::explore {

const std::vector<std::string>& strategy_names() {
  static const std::vector<std::string> names{"portfolio", "dfs", "random", "pct", "pos", "surw"};
  return names;
}

Expected<std::string> parse_strategy(std::string_view text) {
  const auto& names = strategy_names();
  if (std::ranges::find(names, text) != names.end()) return std::string(text);
  return usage_error(
      fmt::format("'{}' is no strategy; there are {}", text, fmt::join(names, ", ")));
}

Expected<Memory> parse_memory(std::string_view text) {
  if (text == "sequential") return Memory::sequential;
  if (text == "weak") return Memory::weak;
  return usage_error(fmt::format("'{}' is no memory model; there are sequential and weak", text));
}

Expected<bool> parse_yes_or_no(std::string_view text) {
  if (text == "yes" || text == "no") return text == "yes";
  return usage_error(fmt::format("'{}' is neither yes nor no", text));
}

std::string default_name(const std::vector<std::string>& argv) {
  return argv.empty() ? "" : std::filesystem::path(argv.front()).filename().string();
}

}  // namespace contend::explore
