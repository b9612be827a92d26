#include "server/stats.hpp"

#include <sys/resource.h>

#include <boost/json.hpp>

#include "core/json_text.hpp"
#include "core/version.hpp"

#include "server/server.hpp"

namespace contend::server {
namespace {

namespace json = boost::json;

json::object closed_by_cause(const Totals& totals) {
  json::object closed;
  for (std::size_t i = 0; i < end_count; ++i) {
    closed[to_string(static_cast<End>(i))] = totals.closed[i];
  }
  return closed;
}

json::object accept_errors(const Totals& totals) {
  json::object errors;
  for (const auto& [name, count] : totals.accept_errors) errors[name] = count;
  return errors;
}

/// What the counter says, and what it lost against the ledger, which never loses.
json::value counter(const Service& service, const Totals& totals) {
  if (service.counter() == nullptr) return nullptr;
  const Counted counted = service.counter()->read();
  return json::object{
      {"kind", to_string(service.options().counter)},
      {"connections", counted.connections},
      {"bytes", counted.bytes},
      {"lost_connections", static_cast<std::int64_t>(totals.accepted - counted.connections)},
      {"lost_bytes", static_cast<std::int64_t>(totals.bytes_out - counted.bytes)}};
}

std::uint64_t injected(const Service& service) {
  return service.faults() == nullptr ? 0 : service.faults()->injected();
}

json::object faults_by_name(const Service& service) {
  json::object by_name;
  if (service.faults() == nullptr) return by_name;
  for (const auto& planted : service.faults()->planted()) {
    auto& sum = by_name[planted->fault->name];  // planted twice, perhaps
    const std::uint64_t before = sum.is_null() ? 0 : sum.to_number<std::uint64_t>();
    sum = before + planted->injected.load(std::memory_order_relaxed);
  }
  return by_name;
}

std::int64_t peak_memory_bytes() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss * 1024;
}

}  // namespace

std::string stats_json(const Server& server) {
  const Totals totals = server.totals();
  const Options& options = server.service().options();
  return json_text(json::object{{"schema", "contend.server-stats/1"},
                                {"version", version},
                                {"model", options.model},
                                {"address", server.address()},
                                {"connections_accepted", totals.accepted},
                                {"connections_active", totals.active},
                                {"connections_most_active", totals.most_active},
                                {"connections_refused", totals.refused},
                                {"connections_closed", closed_by_cause(totals)},
                                {"bytes_in", totals.bytes_in},
                                {"bytes_out", totals.bytes_out},
                                {"bytes_added", totals.bytes_added},
                                {"bytes_owed", totals.bytes_owed},
                                {"bytes_unaccounted", totals.bytes_unaccounted},
                                {"faults_injected", injected(server.service())},
                                {"faults", faults_by_name(server.service())},
                                {"accept_errors", accept_errors(totals)},
                                {"counter", counter(server.service(), totals)},
                                {"peak_memory_bytes", peak_memory_bytes()}});
}

}  // namespace contend::server
