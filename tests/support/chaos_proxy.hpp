// A bad network between a client and a server, in user space: what goes through it is delayed, cut
// to pieces, corrupted, lost, stalled, half-closed or reset, each direction by rules of its own and
// by seeded dice, so that a run can be had again.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace contend::test {

/// What happens to one direction. By default nothing.
struct Chaos {
  std::chrono::microseconds delay{0};  ///< before each piece
  std::size_t slice = 64 * 1024;  ///< a piece has 1 … slice bytes, by dice if `slice_by_dice`
  bool slice_by_dice = false;
  double corrupt = 0;                        ///< probability, per byte, of a flipped bit
  double drop = 0;                           ///< probability, per byte, of being left out
  std::optional<std::size_t> stall_after{};  ///< bytes; then silence, and nothing is read either
  std::optional<std::size_t> half_close_after{};  ///< bytes; then end of file, and the rest is lost
  std::optional<std::size_t> reset_after{};       ///< bytes; then both sides are reset
};

/// Threads: one owner; any number of connections at a time, two threads each, all gone with it.
class ChaosProxy {
 public:
  /// Listens on a free port of 127.0.0.1 and connects each client on to `server_port`.
  ChaosProxy(std::uint16_t server_port, Chaos to_server, Chaos to_client, std::uint64_t seed = 1);
  ChaosProxy(const ChaosProxy&) = delete;
  ChaosProxy& operator=(const ChaosProxy&) = delete;
  ~ChaosProxy();

  std::uint16_t port() const { return port_; }
  std::uint64_t corrupted() const { return corrupted_; }  ///< bytes
  std::uint64_t dropped() const { return dropped_; }      ///< bytes

 private:
  /// One connection, shared by its two directions; closed when both are done.
  struct Pair {
    Pair(int to_client, int to_server) : client(to_client), server(to_server) {}
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;
    ~Pair();
    /// Makes that closing a reset, and ends both directions.
    void reset() const;

    const int client;
    const int server;
  };

  void accept_all();
  void carry(const std::shared_ptr<Pair>& pair, int from, int to, const Chaos& chaos,
             std::uint64_t seed);
  void distort(std::string& bytes, const Chaos& chaos, std::mt19937_64& dice);

  const std::uint16_t server_port_;
  const Chaos to_server_;
  const Chaos to_client_;
  const std::uint64_t seed_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::atomic<bool> closing_{false};
  std::atomic<std::uint64_t> corrupted_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::mutex mutex_;  // protects the two below
  std::vector<std::weak_ptr<Pair>> pairs_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace contend::test
