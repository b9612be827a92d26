// What one echo server is asked to be. Plain values; the command line fills them, tests write them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/units.hpp"

namespace contend::server {

enum class CounterKind {
  none,
  plain,   ///< a data race on purpose
  mutex,   ///< the same addition under a lock
  atomic,  ///< the same addition as one indivisible step
};

/// A defect to plant (server/fault.hpp), and how likely it is to strike at a write, 0 … 1.
struct FaultOption {
  std::string name;
  double rate = 1;
};

struct Options {
  std::string model = "coroutine";
  std::string host = "127.0.0.1";          ///< a name or an address, IPv4 or IPv6
  std::uint16_t port = 0;                  ///< 0: the kernel picks one
  std::optional<std::string> unix_path{};  ///< a Unix socket here instead of host and port
  bool udp = false;                        ///< datagrams; of the models that take them
  std::optional<std::string> tls_cert{};   ///< a file; then tls_key too, and all speak TLS
  std::optional<std::string> tls_key{};
  std::size_t chunk = 64 * 1024;  ///< bytes a read takes at most, and all a connection buffers
  Nanoseconds delay{0};           ///< slept before each echo
  bool close_on_blank = false;
  CounterKind counter = CounterKind::none;
  std::vector<FaultOption> faults{};
  std::uint64_t seed = 1;                        ///< of the faults' dice
  std::optional<unsigned> threads{};             ///< of the models that have a choice
  std::optional<std::size_t> max_connections{};  ///< the surplus is accepted and closed
  std::optional<Nanoseconds> idle_timeout{};     ///< ends a connection on which no byte moves
  Nanoseconds drain = std::chrono::seconds(5);
  std::optional<std::string> stats{};  ///< a file, or "-" for standard output

  /// How many threads `pool` and `sharded` have: --threads, else one a core and at least two.
  unsigned loops() const;
};

}  // namespace contend::server
