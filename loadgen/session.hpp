// One client without a socket: what it says next, what it waits for, and what it concludes from the
// bytes and from the time that it is told. The connection around it may be replaced; the client
// stays.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "loadgen/account.hpp"
#include "loadgen/verifier.hpp"

namespace contend::loadgen {

/// Threads: one owner, who also owns the tally.
class Session : public Account {
 public:
  Session(const Wire& wire, const SessionPlan& plan, Tally& tally);

  /// A connection is up: the next message goes over it, none is in flight.
  void connected();

  /// The bytes to hand to the kernel now; empty when there are none. Stable until wrote().
  std::span<const char> to_write(Clock::time_point now);
  void wrote(std::size_t count);
  bool all_written() const { return written_ == filled_ && filling_ == begun_; }

  /// Takes what the server sent. False: this connection is of no more use.
  bool received(std::span<const char> bytes, Clock::time_point now);

  /// The connection is gone, or is given up, for this cause: what was in flight has failed. A
  /// timeout becomes `starved` for a client that was never served, and `truncated` in the midst of
  /// an answer of which nothing has come for half the wait.
  void lost(Cause cause, Clock::time_point now);

 private:
  void fill(Clock::time_point now);
  void take_findings(std::uint64_t first, Clock::time_point now);
  void take_faults();
  bool still_comes(Clock::time_point now) const;
  std::string where() const;

  const Wire* wire_;
  Verifier verifier_;
  std::vector<char> buffer_;
  std::size_t written_ = 0;
  std::size_t filled_ = 0;
  std::uint64_t filling_ = 0;     // the message whose bytes go into the buffer next
  std::size_t filling_from_ = 0;  // and from which byte on
  Clock::time_point heard_{};     // when the last bytes came
};

}  // namespace contend::loadgen
