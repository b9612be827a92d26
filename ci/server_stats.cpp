#include "ci/server_stats.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "core/file.hpp"

namespace contend::ci {
namespace {

Metric without_value(const std::string& why) {
  return {.name = "lost_bytes", .unit = "bytes", .better = Better::lower, .why = why};
}

const boost::json::object* counter_of(const boost::json::value& stats) {
  if (!stats.is_object()) return nullptr;
  const boost::json::value* counter = stats.get_object().if_contains("counter");
  return counter != nullptr ? counter->if_object() : nullptr;
}

}  // namespace

void add_server_stats(Case& to, const std::filesystem::path& stats) {
  const Expected<std::string> text = read_file(stats);
  if (!text) {
    to.metrics.push_back(without_value("the server left no --stats file"));
    return;
  }
  boost::system::error_code failed;
  const boost::json::value tree = boost::json::parse(*text, failed);
  const boost::json::object* counter = failed ? nullptr : counter_of(tree);
  if (counter == nullptr) {
    to.metrics.push_back(without_value("the server's --stats file has no counter"));
    return;
  }
  const auto number = [&](const char* name) {
    const boost::json::value* value = counter->if_contains(name);
    return value != nullptr && value->is_number() ? value->to_number<double>() : 0.0;
  };
  const auto add = [&](const char* name, double value, const char* unit, Better better) {
    to.metrics.push_back({.name = name, .value = value, .unit = unit, .better = better});
  };
  const double lost_bytes = number("lost_bytes");
  const double lost_connections = number("lost_connections");
  add("counted_connections", number("connections"), "", Better::neither);
  add("counted_bytes", number("bytes"), "bytes", Better::neither);
  add("lost_connections", lost_connections, "", Better::lower);
  add("lost_bytes", lost_bytes, "bytes", Better::lower);
  add("races_seen", static_cast<double>(to.findings.size()), "", Better::lower);
  if (lost_bytes == 0 && lost_connections == 0) return;
  const std::string what = fmt::format(
      "the server's own count is {} bytes and {} connections short", lost_bytes, lost_connections);
  to.findings.push_back({.rule = "server.lost-update",
                         .message = what,
                         .fingerprint = "server.lost-update/" + to.id});
  if (to.verdict != Verdict::passed) return;
  to.verdict = Verdict::failed;
  to.reason = what;
}

}  // namespace contend::ci
