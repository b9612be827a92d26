// One client that speaks in datagrams, without a socket: each message is one. They may be lost,
// come twice, or overtake each other, so that every answer is looked at by itself and none shifts
// those after it. Told the time, never asks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "loadgen/account.hpp"
#include "loadgen/wire.hpp"

namespace contend::loadgen {

/// What a datagram over IPv4 carries at most.
inline constexpr std::size_t largest_datagram = 65507;

/// Threads: one owner, who also owns the tally.
class DatagramSession {
 public:
  DatagramSession(const Wire& wire, const SessionPlan& plan, Tally& tally);

  /// Latencies of messages due before `measure_from` are not recorded.
  void started(Clock::time_point now, Clock::time_point measure_from);
  /// Open loop: a message that is to be sent as soon as fewer than `depth` wait for an answer.
  void add_due(Clock::time_point due) { backlog_.push({.due = due, .sent = due}); }
  /// Sends nothing more after what is due.
  void stop() { stopped_ = true; }
  /// The run is over: what waits stays unfinished, and in the tail as a lower bound.
  void cut(Clock::time_point now);

  /// The datagram to hand to the kernel now; empty when there is none. Stable until sent().
  std::span<const char> next();
  /// The kernel took it.
  void sent(Clock::time_point now);
  void received(std::span<const char> datagram, Clock::time_point now);

  /// What was sent before `since` and has no answer counts as lost. How many those were.
  std::size_t give_up(Clock::time_point since);
  /// All that waits has failed, for one cause.
  void fail_all(Cause cause, Clock::time_point now);
  /// Nobody was served, nor can be at this address: what waits is to be sent again.
  void take_back();

  std::uint32_t client() const { return plan_.client; }
  bool served() const { return served_; }
  bool finished() const {
    return waiting_ == 0 && backlog_.empty() && (stopped_ || begun_ >= plan_.share);
  }
  /// Right answers since this was last asked.
  std::uint64_t take_progress() { return std::exchange(progress_, 0); }

 private:
  enum class State : std::uint8_t { waiting, answered, given_up };
  struct Slot {
    Flight flight;
    State state = State::given_up;
  };

  Slot& slot(std::uint64_t number) { return slots_[number & (slots_.size() - 1)]; }
  std::optional<State> state_of(std::uint64_t number) const;
  MessageId id(std::uint64_t number) const { return {plan_.client, number}; }
  bool is(std::uint64_t number, std::span<const char> datagram) const;
  std::optional<MessageId> identify(std::span<const char> datagram) const;
  std::optional<MessageId> by_header(std::span<const char> datagram) const;
  std::uint64_t most_like(std::span<const char> datagram) const;
  std::size_t wrong_bytes(std::uint64_t number, std::span<const char> datagram) const;
  void take(MessageId seen, std::span<const char> datagram, Clock::time_point now);
  void take_wrong(std::span<const char> datagram);
  void complete(std::uint64_t number, std::size_t size, Clock::time_point now);
  void fail(std::uint64_t number);
  void add_fault(Cause cause, std::uint64_t number, std::span<const char> got, std::string note);
  void settle(std::uint64_t number, State state);
  void record(const Flight& flight, Clock::time_point now);
  void first_answer(bool served, Clock::time_point now);
  void grow();

  const Wire* wire_;
  SessionPlan plan_;
  Tally* tally_;
  std::vector<char> buffer_;
  std::vector<Slot> slots_;   // of the last messages begun, by number; a power of two long
  Flights backlog_;           // due, not yet sent; open loop only
  std::uint64_t begun_ = 0;   // messages sent
  std::uint64_t oldest_ = 0;  // no earlier one waits
  std::uint64_t newest_ = 0;  // the latest one answered
  std::size_t waiting_ = 0;
  std::uint64_t progress_ = 0;
  std::uint64_t received_bytes_ = 0;  // before the datagram that is looked at
  Clock::time_point waiting_since_{};
  Clock::time_point measure_from_{};
  bool filled_ = false;  // the buffer holds message begun_
  bool judged_ = false;  // the first answer, or its absence, is in the tally
  bool served_ = false;
  bool stopped_ = false;
};

}  // namespace contend::loadgen
