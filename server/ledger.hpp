// The books: what every connection received, sent and still owed, and why it ended. Exact in every
// model, so that the racy counter can be measured against it, and the supervisor's only hold on the
// connections: it sees them here and can shut them down from outside.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include <boost/system/error_code.hpp>

#include "server/end.hpp"

namespace contend::server {

using Clock = std::chrono::steady_clock;

/// One connection's entry. The thread that serves it writes; the supervisor reads, so the numbers
/// are atomics, relaxed and without a pair: each is a count of its own and publishes nothing.
struct Account {
  Account(int connection, std::uint64_t count) : descriptor(connection), number(count) {}

  const int descriptor;
  const std::uint64_t number;  ///< 1 for the first connection accepted, 2 for the next
  std::atomic<std::uint64_t> bytes_in{0};
  std::atomic<std::uint64_t> bytes_out{0};
  std::atomic<bool> given_up{false};  ///< shut down from outside

  // The supervisor's, protected by the ledger's lock.
  std::optional<End> ended_from_outside{};
  std::uint64_t bytes_seen = 0;  ///< in and out, at the last look
  Clock::time_point quiet_since = Clock::now();
};

struct Totals {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::uint64_t active = 0;
  std::uint64_t most_active = 0;
  std::array<std::uint64_t, end_count> closed{};  ///< by End
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t bytes_added = 0;  ///< by faults, to what was read
  std::uint64_t bytes_owed = 0;   ///< read or added, and not written when the connection ended
  std::map<std::string, std::uint64_t> accept_errors{};

  /// Bytes of closed connections that nothing above explains; anything but 0 is a bug of ours.
  std::int64_t bytes_unaccounted = 0;
};

/// What a connection says when it ends.
struct Closing {
  End end = End::client;
  std::uint64_t owed = 0;
  std::uint64_t added = 0;
};

/// Threads: any.
class Ledger {
 public:
  using Entry = std::list<Account>::iterator;

  /// `most_active`: how many connections there may be at a time, 0 for any number.
  explicit Ledger(std::size_t most_active = 0) : most_active_(most_active) {}

  /// Nothing once draining has begun or when there are enough; the caller then closes the
  /// descriptor.
  std::optional<Entry> open(int descriptor);

  /// Must come before the descriptor is closed: until then the supervisor may shut it down.
  void close(Entry entry, const Closing& closing);

  void count_accept_error(const boost::system::error_code& error);

  /// From now on nobody is let in, and every connection reads to the end of what has arrived.
  void begin_drain();
  bool draining() const { return draining_.load(std::memory_order_acquire); }

  /// Shuts down the connections on which no byte has moved since `timeout` ago.
  void end_idle(std::chrono::nanoseconds timeout, Clock::time_point now);

  /// Shuts down every connection that is left, for this reason; how many those were.
  std::size_t cut(End reason);

  Totals totals() const;

 private:
  const std::size_t most_active_;
  mutable std::mutex mutex_;  // protects all below but draining_
  std::list<Account> live_;
  Totals closed_;  // sums over closed connections, and the counts of events
  std::atomic<bool> draining_{false};
};

}  // namespace contend::server
