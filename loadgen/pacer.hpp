// When each message of an open loop is due: a pure function of the seed, its client and its number,
// whatever the server does and whoever drives that client. Knows neither sockets nor the clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace contend::loadgen {

enum class Arrival {
  poisson,  ///< exponential gaps: independent users
  uniform   ///< equal gaps
};

/// Of the whole plan, however many generators share it.
struct Schedule {
  Arrival arrival = Arrival::poisson;
  double rate_per_second = 1;
  std::uint64_t seed = 0;
  std::uint32_t clients = 1;
  /// In all, client c having the share of the messages c, c + clients, …; none: no end.
  std::optional<std::uint64_t> messages{};
};

/// The due times of some clients, in order. Poisson: each client has a process of its own, and
/// their sum is the one that was asked for; with a number of messages it is that process given that
/// number, which is points evenly at random over the time they take. Uniform: message k of the
/// plan is client k mod clients' and due k gaps after the first. Cost: O(log clients) a message.
/// Threads: one owner.
class Pacer {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Due times from `start` on, until `end` or until the schedule's messages are out. `mine` are
  /// the clients whose messages this one paces.
  Pacer(const Schedule& schedule, TimePoint start, TimePoint end, std::vector<std::uint32_t> mine);

  /// The next message; time_point::max() when there is none.
  TimePoint next() const { return next_; }
  /// Whose it is, as an index into `mine`. Only if there is one.
  std::size_t whose() const { return heap_.front().place; }
  void advance();

  /// When the last message is due at the latest.
  TimePoint end() const;

 private:
  struct Client {
    double due_seconds = 0;
    std::uint64_t number = 0;  // of the message that is due then
    std::uint32_t place = 0;
    std::uint32_t client = 0;

    bool before(const Client& other) const {
      return due_seconds != other.due_seconds ? due_seconds < other.due_seconds
                                              : client < other.client;
    }
  };

  std::uint64_t share_of(std::uint32_t client) const;
  double random(std::uint32_t client, std::uint64_t number) const;
  void place(Client& client) const;
  void sift_down();
  void look();

  Schedule schedule_;
  TimePoint start_;
  TimePoint end_;
  TimePoint next_ = TimePoint::max();
  double phase_ = 0;          // of equal gaps, so that two plans do not send in step
  std::vector<Client> heap_;  // the next due first
};

}  // namespace contend::loadgen
