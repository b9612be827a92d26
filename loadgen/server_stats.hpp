// What a server of --spawn counted itself, if it is told to say so as echo-server is: with
// `--stats FILE` or `--stats -`. The client's side of the same run stands beside it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace contend::loadgen {

struct ServerStats {
  std::uint64_t connections_accepted = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t bytes_unaccounted = 0;
  std::uint64_t faults_injected = 0;
  std::optional<std::int64_t> lost_updates;  ///< of its --counter, if it has one

  bool operator==(const ServerStats&) const = default;
};

/// Where the command says that its counts go: a path, or "-". None: nowhere.
std::optional<std::string> stats_place(const std::vector<std::string>& command);

/// Reads a JSON object of schema contend.server-stats/1, whatever was printed around it. None:
/// there is no such object, or it lacks a count.
std::optional<ServerStats> parse_server_stats(const std::string& text);

}  // namespace contend::loadgen
