// What clients say. Which byte stands at an offset of a message follows from the seed, the client
// and the message alone, so that any stream can be checked without keeping what was sent.
//
// A message of 17 bytes or more is `CCCCCCCCMMMMMMMM…\n`: client and number in hex, then a piece of
// random text that starts elsewhere in every message, then a newline. Shorter ones are random hex
// digits and the newline. A binary payload has all byte values after the digits and no newline. A
// given message is the same every time: cheap to read, but a whole message lost, doubled or swapped
// looks like any other.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
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
  /// How much random text there is. A prime, so that a stream shifted by a buffer's size never
  /// looks right again; and so long that a piece of another client's message is hardly ever found
  /// near by in ours.
  static constexpr std::size_t ring_size = 65521;

  /// `kind` is text or binary.
  Payload(PayloadKind kind, std::uint64_t seed);
  /// Every message is `given`; at least one byte.
  explicit Payload(std::string given);

  /// Writes the bytes [from, from + out.size()) of a message of `size` bytes.
  void write(MessageId id, std::size_t size, std::size_t from, std::span<char> out) const {
    const std::size_t body = plain_body(size);
    if (body == 0 || out.size() != size) return write_piece(id, size, from, out);
    const Header head = header(id.client, static_cast<std::uint32_t>(id.number));
    std::memcpy(out.data(), head.data(), header_size);
    std::memcpy(out.data() + header_size, ring_.data() + body_start(id), body);
    if (ends_in_newline_) out.back() = newline;
  }

  /// Whether `got` equals the bytes [from, from + got.size()) of a message of `size` bytes.
  bool matches(MessageId id, std::size_t size, std::size_t from, std::span<const char> got) const {
    const std::size_t body = plain_body(size);
    if (body == 0 || got.size() != size) return matches_piece(id, size, from, got);
    const Header head = header(id.client, static_cast<std::uint32_t>(id.number));
    return std::memcmp(got.data(), head.data(), header_size) == 0 &&
           std::memcmp(got.data() + header_size, ring_.data() + body_start(id), body) == 0 &&
           (!ends_in_newline_ || got.back() == newline);
  }

  /// The same bytes as a string, for reports and tests.
  std::string bytes(MessageId id, std::size_t size, std::size_t from, std::size_t count) const;

  /// Whether `text` stands anywhere in the random text that bodies are cut from.
  bool contains(std::string_view text) const { return ring_.find(text) != std::string::npos; }

  /// The message whose header `text` starts with, if it looks like one; the number modulo 2^32.
  std::optional<MessageId> read_header(std::string_view text) const;

 private:
  using Header = std::array<char, header_size>;
  static constexpr char newline = '\n';

  /// Sixteen hex digits, most significant first: the nibbles next to each other, then all turned
  /// into digits at once.
  static Header header(std::uint32_t high, std::uint32_t low) {
    using Bytes [[gnu::vector_size(header_size)]] = unsigned char;
    using Words [[gnu::vector_size(header_size)]] = std::uint64_t;
    const Words number{__builtin_bswap64(std::uint64_t{high} << 32 | low)};
    const auto pairs = std::bit_cast<Bytes>(number);
    const Bytes nibbles = __builtin_shufflevector(pairs >> 4 & 0xf, pairs & 0xf, 0, 16, 1, 17, 2,
                                                  18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    return std::bit_cast<Header>(nibbles + '0' + ((nibbles > 9) & ('a' - '0' - 10)));
  }
  static std::size_t body_start(MessageId id) {
    return (std::uint64_t{id.client} * 7919 + (id.number & 0xffffffff) * 104729) % ring_size;
  }

  void write_piece(MessageId id, std::size_t size, std::size_t from, std::span<char> out) const;
  bool matches_piece(MessageId id, std::size_t size, std::size_t from,
                     std::span<const char> got) const;
  template <class Piece>
  bool for_pieces(MessageId id, std::size_t size, std::size_t from, std::size_t count,
                  Piece piece) const;
  /// Bytes of the body, where a whole message of `size` bytes is a header and one piece of the
  /// ring; 0 where it is not. Nearly every message is, and is written and compared without a loop.
  std::size_t plain_body(std::size_t size) const {
    return size > around_ && size - around_ <= ring_size ? size - around_ : 0;
  }

  bool ends_in_newline_ = false;
  std::size_t around_;  // bytes of a message beside its piece of the ring
  std::uint64_t seed_ = 0;
  std::string given_;
  std::string ring_;  // twice over, so that any piece of it is contiguous
};

}  // namespace contend::loadgen
