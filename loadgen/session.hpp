// One client without a socket: what it says next, what it waits for, and what it concludes from the
// bytes and from the time that it is told. The connection around it may be replaced; the client
// stays.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "loadgen/account.hpp"
#include "loadgen/verifier.hpp"

namespace contend::loadgen {

/// Threads: one owner, who also owns the tally.
class Session : public Account {
 public:
  Session(const Wire& wire, const SessionPlan& plan, Tally& tally);

  /// A connection is up: the next message goes over it, none is in flight.
  void connected();

  /// The bytes to hand to the kernel now, built in `room`; empty when there are none. Those that
  /// wrote() does not hear of come again.
  std::span<const char> to_write(Clock::time_point now, std::span<char> room);
  /// How many of the bytes of the last to_write() went.
  void wrote(std::size_t count);
  bool all_written() const { return written_.number == begun_; }
  /// Room for all that it may say at a time, as far as that is of use.
  std::size_t room_to_write() const;

  /// Takes what the server sent. False: this connection is of no more use.
  bool received(std::span<const char> bytes, Clock::time_point now);

  /// The connection is gone, or is given up, for this cause: what was in flight has failed. A
  /// timeout becomes `starved` for a client that was never served, and `truncated` in the midst of
  /// an answer of which nothing has come for half the wait.
  void lost(Cause cause, Clock::time_point now);

 private:
  /// A byte of what this client says on its connection.
  struct Position {
    std::uint64_t number = 0;  // of the message
    std::size_t at = 0;        // in it
  };

  /// The first message of which nothing is before this place.
  static std::uint64_t begins(Position place) { return place.number + (place.at > 0 ? 1 : 0); }
  /// The place `count` bytes further.
  Position after(Position place, std::size_t count) const;
  void take_findings(std::uint64_t first, Clock::time_point now);
  void take_faults();
  bool still_comes(Clock::time_point now) const;
  std::string where() const;

  const Wire* wire_;
  Verifier verifier_;
  Position written_;           // until here it was handed to the kernel
  Position offered_;           // until here the last to_write() went
  std::size_t offer_ = 0;      // the bytes between them
  Clock::time_point heard_{};  // when the last bytes came
};

}  // namespace contend::loadgen
