// One client without a socket: what it says next, what it waits for, and what it concludes from the
// bytes and from the time that it is told. The connection around it may be replaced; the client
// stays.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "loadgen/flights.hpp"
#include "loadgen/tally.hpp"
#include "loadgen/verifier.hpp"

namespace contend::loadgen {

struct SessionPlan {
  std::uint32_t client = 0;
  std::size_t depth = 1;                                            ///< messages kept in flight
  std::uint64_t share = std::numeric_limits<std::uint64_t>::max();  ///< messages to send in all
  bool open_loop = false;  ///< sends what is due, instead of all it may
};

/// Threads: one owner, who also owns the tally.
class Session {
 public:
  Session(const Wire& wire, const SessionPlan& plan, Tally& tally);

  /// The client starts to connect for the first time.
  /// Latencies of messages due before `measure_from` are not recorded.
  void started(Clock::time_point now, Clock::time_point measure_from);
  /// A connection is up: the next message goes over it, none is in flight.
  void connected();

  /// Open loop: a message that is to be sent as soon as fewer than `depth` are in flight.
  void add_due(Clock::time_point due) { backlog_.push({.due = due, .sent = due}); }
  /// Keeps `depth` messages in flight, as far as the share or what is due goes.
  void top_up(Clock::time_point now);
  /// Sends nothing more after what was begun or is due.
  void stop() { stopped_ = true; }

  /// The bytes to hand to the kernel now; empty when there are none. Stable until wrote().
  std::span<const char> to_write(Clock::time_point now);
  void wrote(std::size_t count);
  bool all_written() const { return written_ == filled_ && filling_ == begun_; }

  /// Takes what the server sent. False: this connection is of no more use.
  bool received(std::span<const char> bytes, Clock::time_point now);

  /// The connection is gone, or is given up, for this cause: what was in flight has failed. A
  /// timeout becomes `starved` for a client that was never served, and `truncated` in the midst of
  /// an answer.
  void lost(Cause cause, Clock::time_point now);
  /// The run is over: what is in flight stays unfinished, and in the tail as a lower bound.
  void cut(Clock::time_point now);

  std::uint32_t client() const { return plan_.client; }
  bool served() const { return served_; }
  /// Everything that was to be said has been said and answered.
  bool finished() const { return flights_.empty() && backlog_.empty() && (stopped_ || sent_all()); }
  bool waiting() const { return !flights_.empty(); }
  /// Since when the oldest message is waited for; only if waiting().
  Clock::time_point oldest() const { return flights_.front().sent; }
  /// Right answers since this was last asked.
  std::uint64_t take_progress() { return std::exchange(progress_, 0); }

 private:
  bool sent_all() const { return begun_ >= plan_.share; }
  void begin(Clock::time_point due, Clock::time_point now);
  void fill(Clock::time_point now);
  void complete(Clock::time_point now);
  void record(const Flight& flight, Clock::time_point now);
  void fail();
  void first_answer(bool served, Clock::time_point now);
  void take_findings(std::uint64_t first, Clock::time_point now);
  void take_faults();
  std::string where() const;

  const Wire* wire_;
  SessionPlan plan_;
  Tally* tally_;
  Verifier verifier_;
  Flights flights_;
  Flights backlog_;  // due, not yet sent; open loop only
  std::vector<char> buffer_;
  std::size_t written_ = 0;
  std::size_t filled_ = 0;
  std::uint64_t begun_ = 0;       // messages begun since the client started
  std::uint64_t filling_ = 0;     // the message whose bytes go into the buffer next
  std::size_t filling_from_ = 0;  // and from which byte on
  std::uint64_t progress_ = 0;
  Clock::time_point waiting_since_{};
  Clock::time_point measure_from_{};
  bool served_ = false;
  bool judged_ = false;  // the first answer, or its absence, is in the tally
  bool stopped_ = false;
};

}  // namespace contend::loadgen
