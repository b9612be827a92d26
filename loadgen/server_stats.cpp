#include "loadgen/server_stats.hpp"

#include <algorithm>

#include <boost/json.hpp>

namespace contend::loadgen {
namespace {

namespace json = boost::json;

constexpr std::string_view stats_schema = "contend.server-stats/1";
constexpr std::string_view flag = "--stats";

/// False if it is not there or no count.
bool take(const json::object& from, std::string_view name, std::uint64_t& into) {
  const json::value* value = from.if_contains(name);
  boost::system::error_code failed;
  if (value == nullptr || !value->is_number()) return false;
  into = value->to_number<std::uint64_t>(failed);
  return !failed;
}

std::optional<std::int64_t> lost_updates(const json::object& stats) {
  const json::value* counter = stats.if_contains("counter");
  const json::object* counts = counter == nullptr ? nullptr : counter->if_object();
  if (counts == nullptr) return std::nullopt;
  std::int64_t sum = 0;
  for (const char* name : {"lost_connections", "lost_bytes"}) {
    const json::value* lost = counts->if_contains(name);
    if (lost == nullptr || !lost->is_int64()) return std::nullopt;
    sum += lost->as_int64();
  }
  return sum;
}

}  // namespace

std::optional<std::string> stats_place(const std::vector<std::string>& command) {
  for (auto word = command.begin(); word != command.end(); ++word) {
    if (*word == flag && word + 1 != command.end()) return *(word + 1);
    if (word->starts_with(std::string(flag) + "=")) return word->substr(flag.size() + 1);
  }
  return std::nullopt;
}

std::optional<ServerStats> parse_server_stats(const std::string& text) {
  const auto named = text.find(stats_schema);
  const auto begin = named == text.npos ? named : text.rfind('{', named);
  const auto end = text.rfind('}');
  if (begin == text.npos || end == text.npos || end < begin) return std::nullopt;
  boost::system::error_code broken;
  const json::value whole = json::parse(text.substr(begin, end - begin + 1), broken);
  const json::object* object = broken ? nullptr : whole.if_object();
  if (object == nullptr) return std::nullopt;
  ServerStats stats;
  const bool complete = take(*object, "connections_accepted", stats.connections_accepted) &&
                        take(*object, "bytes_in", stats.bytes_in) &&
                        take(*object, "bytes_out", stats.bytes_out) &&
                        take(*object, "bytes_unaccounted", stats.bytes_unaccounted) &&
                        take(*object, "faults_injected", stats.faults_injected);
  if (!complete) return std::nullopt;
  stats.lost_updates = lost_updates(*object);
  return stats;
}

}  // namespace contend::loadgen
