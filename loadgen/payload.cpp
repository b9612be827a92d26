#include "loadgen/payload.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>

namespace contend::loadgen {
namespace {

// A prime, so that a stream shifted by a buffer's size never looks right again; and so long that a
// piece of another client's message is hardly ever found near by in ours.
constexpr std::size_t ring_size = 65521;
constexpr char newline = '\n';

/// Eight hex digits, most significant first, as they lie in memory: nibbles spread to bytes, then
/// all eight turned into digits at once.
std::uint64_t hex_digits(std::uint32_t value) {
  std::uint64_t x = value;
  x = (x | x << 16) & 0x0000ffff0000ffff;
  x = (x | x << 8) & 0x00ff00ff00ff00ff;
  x = (x | x << 4) & 0x0f0f0f0f0f0f0f0f;
  const std::uint64_t above_nine = (x + 0x0606060606060606) >> 4 & 0x0101010101010101;
  return __builtin_bswap64(x + 0x3030303030303030 + above_nine * ('a' - '0' - 10));
}

std::array<char, Payload::header_size> header(std::uint32_t high, std::uint32_t low) {
  const std::array<std::uint64_t, 2> digits{hex_digits(high), hex_digits(low)};
  return std::bit_cast<std::array<char, Payload::header_size>>(digits);
}

std::string make_ring(PayloadKind kind, std::uint64_t seed) {
  std::string ring(2 * ring_size, '\0');
  for (std::uint32_t i = 0; i < ring_size; ++i) {
    const std::uint64_t random = scramble(~seed, {.client = 0, .number = i}) >> 32;
    // Text: '!' … '~', neither blanks nor newlines, so that no piece of it is a blank line.
    const auto byte = kind == PayloadKind::text ? 33 + random % 94 : random & 0xff;
    ring[i] = ring[i + ring_size] = static_cast<char>(byte);
  }
  return ring;
}

}  // namespace

Payload::Payload(PayloadKind kind, std::uint64_t seed)
    : ends_in_newline_(kind == PayloadKind::text),
      around_(header_size + (ends_in_newline_ ? 1 : 0)),
      seed_(seed),
      ring_(make_ring(kind, seed)) {}

Payload::Payload(std::string given)
    : around_(std::numeric_limits<std::size_t>::max()), given_(std::move(given)) {}

std::size_t Payload::body_start(MessageId id) const {
  return (std::uint64_t{id.client} * 7919 + (id.number & 0xffffffff) * 104729) % ring_size;
}

/// Calls piece(position, expected, length) for each contiguous piece of what is asked for, until
/// one returns false.
template <class Piece>
bool Payload::for_pieces(MessageId id, std::size_t size, std::size_t from, std::size_t count,
                         Piece piece) const {
  if (!given_.empty()) return piece(0, given_.data() + from, count);
  const std::size_t text_size = ends_in_newline_ ? size - 1 : size;
  const std::size_t end = from + count;
  const bool short_one = text_size < header_size;
  const std::uint64_t random = short_one ? scramble(seed_, id) : 0;
  const auto head = short_one ? header(static_cast<std::uint32_t>(random >> 32),
                                       static_cast<std::uint32_t>(random))
                              : header(id.client, static_cast<std::uint32_t>(id.number));
  const std::size_t head_end = std::min({header_size, text_size, end});
  std::size_t at = from;
  if (at < head_end) {
    if (!piece(at - from, head.data() + at, head_end - at)) return false;
    at = head_end;
  }
  const std::size_t body_end = std::min(text_size, end);
  const std::size_t start = at < body_end ? body_start(id) : 0;
  while (at < body_end) {
    const std::size_t length = std::min(ring_size, body_end - at);
    const char* expected = ring_.data() + (start + at - header_size) % ring_size;
    if (!piece(at - from, expected, length)) return false;
    at += length;
  }
  return at == end || piece(at - from, &newline, 1);
}

std::size_t Payload::plain_body(std::size_t size) const {
  return size > around_ && size - around_ <= ring_size ? size - around_ : 0;
}

void Payload::write(MessageId id, std::size_t size, std::size_t from, std::span<char> out) const {
  if (const std::size_t body = plain_body(size); body > 0 && out.size() == size) {
    const auto head = header(id.client, static_cast<std::uint32_t>(id.number));
    std::memcpy(out.data(), head.data(), header_size);
    std::memcpy(out.data() + header_size, ring_.data() + body_start(id), body);
    if (ends_in_newline_) out.back() = newline;
    return;
  }
  for_pieces(id, size, from, out.size(), [&](std::size_t at, const char* text, std::size_t length) {
    std::memcpy(out.data() + at, text, length);
    return true;
  });
}

bool Payload::matches(MessageId id, std::size_t size, std::size_t from,
                      std::span<const char> got) const {
  if (const std::size_t body = plain_body(size); body > 0 && got.size() == size) {
    const auto head = header(id.client, static_cast<std::uint32_t>(id.number));
    return std::memcmp(got.data(), head.data(), header_size) == 0 &&
           std::memcmp(got.data() + header_size, ring_.data() + body_start(id), body) == 0 &&
           (!ends_in_newline_ || got.back() == newline);
  }
  return for_pieces(id, size, from, got.size(),
                    [&](std::size_t at, const char* text, std::size_t length) {
                      return std::memcmp(got.data() + at, text, length) == 0;
                    });
}

std::string Payload::bytes(MessageId id, std::size_t size, std::size_t from,
                           std::size_t count) const {
  std::string text(count, '\0');
  write(id, size, from, text);
  return text;
}

std::optional<MessageId> Payload::read_header(std::string_view text) const {
  if (!given_.empty() || text.size() < header_size) return std::nullopt;
  MessageId id;
  const char* begin = text.data();
  const auto client = std::from_chars(begin, begin + 8, id.client, 16);
  const auto number = std::from_chars(begin + 8, begin + 16, id.number, 16);
  const bool whole = client.ptr == begin + 8 && number.ptr == begin + 16;
  return whole ? std::optional(id) : std::nullopt;
}

}  // namespace contend::loadgen
