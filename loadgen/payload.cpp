#include "loadgen/payload.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace contend::loadgen {
namespace {

std::string make_ring(PayloadKind kind, std::uint64_t seed) {
  std::string ring(2 * Payload::ring_size, '\0');
  for (std::uint32_t i = 0; i < Payload::ring_size; ++i) {
    const std::uint64_t random = scramble(~seed, {.client = 0, .number = i}) >> 32;
    // Text: '!' … '~', neither blanks nor newlines, so that no piece of it is a blank line.
    const auto byte = kind == PayloadKind::text ? 33 + random % 94 : random & 0xff;
    ring[i] = ring[i + Payload::ring_size] = static_cast<char>(byte);
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

void Payload::write_piece(MessageId id, std::size_t size, std::size_t from,
                          std::span<char> out) const {
  for_pieces(id, size, from, out.size(), [&](std::size_t at, const char* text, std::size_t length) {
    std::memcpy(out.data() + at, text, length);
    return true;
  });
}

bool Payload::matches_piece(MessageId id, std::size_t size, std::size_t from,
                            std::span<const char> got) const {
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
