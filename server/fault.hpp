// Defects planted on purpose, so that a tester can be tested: each is one small function in
// fault.cpp, off unless asked for, and counted each time it strikes.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/options.hpp"

namespace contend::server {

/// One answer before it is written; what a fault may change about it.
struct Answer {
  std::span<char> bytes;    ///< changed in place or shortened
  std::span<char> again{};  ///< written a second time after `bytes`
  Nanoseconds pause{0};     ///< slept first
  bool stall = false;       ///< this connection is never answered again
  bool reset = false;       ///< this connection is reset instead of answered
};

/// What faults remember of one connection.
struct FaultyConnection {
  std::uint64_t number = 0;
  std::minstd_rand random{};
};

/// What faults share between connections. Threads: any.
struct FaultMemory {
  std::mutex mutex{};  // protects the rest
  std::uint64_t last_connection = 0;
  std::string last_bytes{};
  std::vector<std::vector<char>> leaked{};
};

struct Fault {
  std::string_view name;
  std::string_view what;
  std::string_view finding;  ///< what a tester must notice
  /// Strikes once; false if there was nothing to strike at, which is then not counted.
  bool (*strike)(Answer& answer, FaultyConnection& connection, FaultMemory& memory);
};

std::span<const Fault> all_faults();
const Fault* find_fault(std::string_view name);

/// The faults of one server. Threads: any.
class Faults {
 public:
  explicit Faults(const std::vector<FaultOption>& options, std::uint64_t seed);

  FaultyConnection connection(std::uint64_t number) const;

  /// Throws the dice for each planted fault and lets those strike that won.
  void apply(Answer& answer, FaultyConnection& connection);

  /// A connection has ended: its words are no longer another's to say. Otherwise a client that
  /// comes back would hear its own.
  void forget(const FaultyConnection& connection);

  struct Planted {
    const Fault* fault;
    double rate;
    std::atomic<std::uint64_t> injected{0};  // relaxed, without a pair: a count and nothing else
  };
  std::span<const std::unique_ptr<Planted>> planted() const { return planted_; }
  std::uint64_t injected() const;

 private:
  std::uint64_t seed_;
  std::vector<std::unique_ptr<Planted>> planted_;
  FaultMemory memory_;
};

}  // namespace contend::server
