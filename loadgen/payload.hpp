// What clients say. Which byte stands at an offset of a message follows from the seed, the client
// and the message alone, so that any stream can be checked without keeping what was sent.
//
// A message of 17 bytes or more is `CCCCCCCCMMMMMMMM…\n`: client and number in hex, then a piece of
// random text that starts elsewhere in every message, then a newline. Shorter ones are random hex
// digits and the newline. A binary payload has all byte values after the digits and no newline. A
// given message is the same every time: cheap to read, but a whole message lost, doubled or swapped
// looks like any other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "loadgen/message_size.hpp"

namespace contend::loadgen {

enum class PayloadKind { text, binary, given };

/// Immutable, so any number of threads may read one.
class Payload {
 public:
  /// Client and number in front of every message that is long enough.
  static constexpr std::size_t header_size = 16;

  /// `kind` is text or binary.
  Payload(PayloadKind kind, std::uint64_t seed);
  /// Every message is `given`; at least one byte.
  explicit Payload(std::string given);

  /// Writes the bytes [from, from + out.size()) of a message of `size` bytes.
  void write(MessageId id, std::size_t size, std::size_t from, std::span<char> out) const;

  /// Whether `got` equals the bytes [from, from + got.size()) of a message of `size` bytes.
  bool matches(MessageId id, std::size_t size, std::size_t from, std::span<const char> got) const;

  /// The same bytes as a string, for reports and tests.
  std::string bytes(MessageId id, std::size_t size, std::size_t from, std::size_t count) const;

  /// Whether `text` stands anywhere in the random text that bodies are cut from.
  bool contains(std::string_view text) const { return ring_.find(text) != std::string::npos; }

  /// The message whose header `text` starts with, if it looks like one; the number modulo 2^32.
  std::optional<MessageId> read_header(std::string_view text) const;

 private:
  template <class Piece>
  bool for_pieces(MessageId id, std::size_t size, std::size_t from, std::size_t count,
                  Piece piece) const;
  std::size_t body_start(MessageId id) const;
  /// Bytes of the body, where a whole message of `size` bytes is a header and one piece of the
  /// ring; 0 where it is not. Nearly every message is, and is written and compared without a loop.
  std::size_t plain_body(std::size_t size) const;

  bool ends_in_newline_ = false;
  std::size_t around_;  // bytes of a message beside its piece of the ring
  std::uint64_t seed_ = 0;
  std::string given_;
  std::string ring_;  // twice over, so that any piece of it is contiguous
};

}  // namespace contend::loadgen
