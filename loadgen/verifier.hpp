// Checks one client's stream, in whatever pieces it arrives, against what was sent: O(1) memory at
// any depth. Knows neither sockets nor time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "loadgen/classify.hpp"

namespace contend::loadgen {

/// Threads: one owner.
class Verifier {
 public:
  Verifier(const Wire& wire, std::uint32_t client) : wire_(&wire), client_(client) {}

  /// A new connection whose first answer will be message `number`.
  void restart(std::uint64_t number);

  /// Takes what arrived; messages below `begun` have been sent. Afterwards next() has moved past
  /// every message that is complete, and faults() and spoiled() hold what this piece showed.
  /// Nothing is accepted once broken().
  void accept(std::span<const char> bytes, std::uint64_t begun);

  /// No more bytes will come: judges what was waiting for more.
  void conclude(std::uint64_t begun);

  std::uint64_t next() const { return number_; }  ///< the message whose bytes are expected next
  std::size_t at() const { return at_; }          ///< how many of its bytes are there
  std::uint64_t offset() const { return offset_; }
  /// Right bytes in the last accept().
  std::uint64_t verified() const { return verified_; }

  /// The stream is out of step and cannot be followed on this connection.
  bool broken() const { return broken_; }
  /// Found by the last accept() or conclude().
  const std::vector<Fault>& faults() const { return faults_; }
  /// Numbers of the messages completed by the last accept() that had a wrong byte.
  const std::vector<std::uint64_t>& spoiled() const { return spoiled_; }

 private:
  void begin_step();
  void take(std::span<const char> bytes, std::uint64_t begun);
  std::size_t take_whole(std::span<const char> bytes, std::uint64_t begun);
  std::size_t take_expected(std::span<const char> bytes);
  void suspect(std::span<const char> bytes, std::uint64_t begun);
  void judge(std::uint64_t begun);
  void advance(std::size_t count, std::size_t size);
  Place place(std::uint64_t begun) const;
  MessageId message() const { return {client_, number_}; }

  const Wire* wire_;
  std::uint32_t client_;
  std::uint64_t number_ = 0;
  std::size_t at_ = 0;
  std::uint64_t offset_ = 0;
  std::uint64_t verified_ = 0;
  bool spoiling_ = false;  // the current message has a fault already
  bool broken_ = false;
  std::string window_;  // from the first wrong byte on, while there are too few to judge
  std::vector<Fault> faults_;
  std::vector<std::uint64_t> spoiled_;
};

}  // namespace contend::loadgen
