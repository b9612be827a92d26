// What one client owes and is owed, whatever it says: which messages are due, on their way and
// answered, and when. Told the time, never asks; knows neither bytes nor sockets.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "loadgen/flights.hpp"
#include "loadgen/tally.hpp"

namespace contend::loadgen {

struct SessionPlan {
  std::uint32_t client = 0;
  std::size_t depth = 1;                                            ///< messages kept in flight
  std::uint64_t share = std::numeric_limits<std::uint64_t>::max();  ///< messages to send in all
  bool open_loop = false;  ///< sends what is due, instead of all it may
};

/// Threads: one owner, who also owns the tally.
class Account {
 public:
  Account(const SessionPlan& plan, Tally& tally) : plan_(plan), tally_(&tally) {}

  /// The client starts to connect for the first time.
  /// Latencies of messages due before `measure_from` are not recorded.
  void started(Clock::time_point now, Clock::time_point measure_from);

  /// Open loop: a message that is to be sent as soon as fewer than `depth` are in flight.
  void add_due(Clock::time_point due) { backlog_.push({.due = due, .sent = due}); }
  /// Keeps `depth` messages in flight, as far as the share or what is due goes.
  void top_up(Clock::time_point now);
  /// Sends nothing more after what was begun or is due.
  void stop() { stopped_ = true; }
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

 protected:
  ~Account() = default;

  /// The oldest `count` messages in flight were answered, or the oldest one was not.
  void complete(Clock::time_point now, std::uint64_t count = 1);
  void fail();
  void first_answer(bool served, Clock::time_point now);

  SessionPlan plan_;
  Tally* tally_;
  Flights flights_;
  Flights backlog_;          // due, not yet sent; open loop only
  std::uint64_t begun_ = 0;  // messages begun since the client started
  bool judged_ = false;      // the first answer, or its absence, is in the tally

 private:
  bool sent_all() const { return begun_ >= plan_.share; }
  void begin(Clock::time_point due, Clock::time_point now, std::uint64_t count = 1);
  void record(const Flight& flight, Clock::time_point now, std::uint64_t times = 1);

  std::uint64_t progress_ = 0;
  Clock::time_point waiting_since_{};
  Clock::time_point measure_from_{};
  bool served_ = false;
  bool stopped_ = false;
};

// Inline, since they are all that a message costs beside its bytes.

inline void Account::begin(Clock::time_point due, Clock::time_point now, std::uint64_t count) {
  flights_.push({.due = due, .sent = now}, count);
  begun_ += count;
  tally_->sent += count;
  tally_->first_sent = std::min(tally_->first_sent, now);
}

inline void Account::complete(Clock::time_point now, std::uint64_t count) {
  if (count == 0) return;
  // Answers that came together are mostly those to messages that went together.
  for (std::uint64_t left = count; left > 0;) {
    const auto [flight, alike] = flights_.pop_alike(left);
    record(flight, now, alike);
    left -= alike;
  }
  tally_->last_answer = now;
  tally_->answered += count;
  progress_ += count;
}

inline void Account::record(const Flight& flight, Clock::time_point now, std::uint64_t times) {
  if (flight.due < measure_from_) return;
  tally_->service.record(now - flight.sent, times);
  if (plan_.open_loop) tally_->intended.record(now - flight.due, times);
  tally_->timeline.record(now, now - (plan_.open_loop ? flight.due : flight.sent), times);
}

inline void Account::fail() {
  flights_.pop();
  ++tally_->failed;
}

}  // namespace contend::loadgen
