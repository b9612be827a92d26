// The complete plan of one run: every default resolved, the seed chosen, nothing touched yet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include <boost/json/object.hpp>

#include "core/shards.hpp"

#include "loadgen/address.hpp"
#include "loadgen/options.hpp"
#include "loadgen/script.hpp"
#include "loadgen/source_range.hpp"

namespace contend::loadgen {

/// A server of the run, and where to try it.
struct Destination {
  Target target;
  std::vector<Address> addresses;
};

/// Bad clients of one kind.
struct RudeGroup {
  Behaviour behaviour = Behaviour::idle;
  std::uint32_t clients = 0;
};

struct Plan {
  std::string name;                       ///< the subject, for the case's id
  std::vector<Destination> destinations;  ///< at least one; client i belongs to i % size
  std::vector<std::string> server;        ///< the command to start first; {port} already replaced
  std::optional<pid_t> attach;  ///< the process of a server that we did not start, to be watched

  std::uint32_t connections = 0;        ///< of the whole plan
  Shard shard;                          ///< the part of it that is ours
  std::optional<Nanoseconds> start_at;  ///< since the epoch; when its messages begin
  std::string gate;                     ///< the folder of our Job, if we have one
  std::uint32_t workers = 1;            ///< processes that share it; 1: this one alone
  std::uint32_t threads = 0;
  std::optional<SourceRange> sources;  ///< where connections come from; none: as the system likes
  std::optional<double>
      connect_rate;  ///< clients that start to connect a second, of the whole plan
  std::optional<Nanoseconds> duration;
  std::optional<std::uint64_t> messages;
  std::size_t depth = 1;
  std::optional<double> rate;  ///< messages a second in all: open loop
  Arrival arrival = Arrival::poisson;
  Pacing pacing = Pacing::timer;
  Nanoseconds warmup{};       ///< latencies of messages due before this are left out
  bool finds_warmup = false;  ///< the run itself says what to leave out
  std::uint64_t seed = 0;
  Engine engine = Engine::asio;
  Nanoseconds timeout{};
  Nanoseconds drain{};  ///< how long to wait for answers after the last message

  MessageSizes sizes{64};
  PayloadKind payload = PayloadKind::text;
  std::string message;  ///< what every message is; empty: made from the seed
  bool verify = true;
  TlsOptions tls;
  std::vector<RudeGroup> rude;   ///< beside the `connections`, numbered after them
  std::uint64_t churn = 1;       ///< messages a connection of a churning client
  std::optional<Script> script;  ///< what is said instead of an echo's messages

  std::vector<Assertion> assertions;
  std::vector<Assertion> find_max;  ///< if any: search for the highest rate that satisfies them

  std::string json;
  std::string json_stream;
  std::string hdr_log;
  std::string reproduce;
  std::vector<std::string> arguments;  ///< for those processes
  std::string program;                 ///< likewise; empty: this one

  /// Bytes a client may have on their way.
  std::size_t bytes_in_flight() const;
  /// Another will put our report together with those of the other parts.
  bool is_part() const { return !shard.whole() || !gate.empty(); }
  /// How many of the clients are ours: those whose number is the shard's modulo the shards.
  std::uint32_t clients_here() const;
  /// How many of them a process has at most.
  std::uint32_t clients_of_process() const;
  /// The number of ours number `i`.
  std::uint32_t client_at(std::uint32_t i) const { return shard.index + i * shard.of; }
  /// How long after the first client of the plan this one starts to connect.
  Nanoseconds connect_after(std::uint32_t client) const;
  /// How many of `messages` are ours.
  std::uint64_t messages_here() const;
  /// How many messages this client sends in all.
  std::uint64_t share_of(std::uint32_t client) const;
  const Destination& destination_of(std::uint32_t client) const {
    return destinations[client % destinations.size()];
  }
  bool speaks_udp() const;
  std::uint32_t rude_clients() const;
  /// The index in `rude` of bad client number `i`.
  std::size_t rude_group_of(std::uint32_t i) const;
  /// What is accounted for apart, by the prefix of its metrics: the targets, then the groups of
  /// bad clients.
  std::vector<std::string> parts() const;
  std::size_t part_of(std::uint32_t client) const { return client % destinations.size(); }
};

/// Resolves what was typed. Errors: usage, a name that cannot be looked up, too few descriptors.
Expected<Plan> make_plan(const Options& options);

/// For --dry-run and for the report.
boost::json::object to_json(const Plan& plan);

}  // namespace contend::loadgen
