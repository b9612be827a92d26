#include "core/histogram_codec.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <zlib.h>

#include "core/check.hpp"

namespace contend {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t plain_cookie = 0x1c849313;       // V2, word size 1
constexpr std::uint32_t compressed_cookie = 0x1c849314;  // V2, zlib

template <class Integer>
void put(Bytes& out, Integer value) {
  for (int shift = 8 * (static_cast<int>(sizeof value) - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

/// ZigZag then little-endian base 128; the ninth byte carries eight bits.
void put_zigzag(Bytes& out, std::int64_t value) {
  auto bits = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  for (int byte = 0; byte < 8 && bits >= 0x80; ++byte) {
    out.push_back(static_cast<std::uint8_t>(bits | 0x80));
    bits >>= 7;
  }
  out.push_back(static_cast<std::uint8_t>(bits));
}

/// Reads big-endian fields; anything past the end marks it as cut off.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  template <class Integer>
  Integer take() {
    Integer value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) {
      value = static_cast<Integer>((value << 8) | take_byte());
    }
    return value;
  }

  std::int64_t take_zigzag() {
    std::uint64_t bits = 0;
    for (int byte = 0; byte < 9; ++byte) {
      const std::uint8_t next = take_byte();
      if (byte == 8) {
        bits |= static_cast<std::uint64_t>(next) << 56;
        break;
      }
      bits |= static_cast<std::uint64_t>(next & 0x7f) << (7 * byte);
      if ((next & 0x80) == 0) break;
    }
    return static_cast<std::int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
  }

  bool at_end() const { return at_ >= bytes_.size(); }
  bool cut_off() const { return cut_off_; }
  std::span<const std::uint8_t> rest() const { return bytes_.subspan(at_); }

 private:
  std::uint8_t take_byte() {
    if (at_end()) {
      cut_off_ = true;
      return 0;
    }
    return bytes_[at_++];
  }

  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
  bool cut_off_ = false;
};

/// Counters up to the last one in use; a run of zeros is one negative number.
Bytes encode_counts(const std::vector<std::uint64_t>& counts) {
  std::size_t used = counts.size();
  while (used > 0 && counts[used - 1] == 0) --used;
  Bytes out;
  for (std::size_t i = 0; i < used;) {
    std::int64_t zeros = 0;
    while (i < used && counts[i] == 0) {
      ++zeros;
      ++i;
    }
    if (zeros > 0) {
      put_zigzag(out, -zeros);
    } else {
      put_zigzag(out, static_cast<std::int64_t>(counts[i++]));
    }
  }
  return out;
}

Bytes encode_plain(const Histogram& histogram) {
  const Bytes payload = encode_counts(histogram.counts());
  Bytes out;
  put(out, plain_cookie);
  put(out, static_cast<std::uint32_t>(payload.size()));
  put(out, std::uint32_t{0});  // normalising index offset
  put(out, static_cast<std::uint32_t>(Histogram::significant_digits));
  put(out, static_cast<std::uint64_t>(Histogram::lowest));
  put(out, static_cast<std::uint64_t>(Histogram::highest));
  put(out, std::bit_cast<std::uint64_t>(1.0));  // integer to double conversion ratio
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string to_base64(const Bytes& bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = (group << 8) | (i + j < bytes.size() ? bytes[i + j] : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += i + j > bytes.size() ? '=' : alphabet[(group >> (18 - 6 * j)) & 63];
    }
  }
  return text;
}

std::optional<Bytes> from_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  Bytes bytes;
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    const std::size_t digit = alphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    group = (group << 6) | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<std::uint8_t>(group >> bits));
    }
  }
  return bytes;
}

// All our counters at nine bytes each, and the header: what inflates to more is not ours.
constexpr std::size_t largest_plain = 40 + Histogram::counters * 9;

// Most are small: no room for the largest is touched before it is needed.
std::optional<Bytes> inflate(std::span<const std::uint8_t> compressed) {
  Bytes plain;
  for (std::size_t room = std::min(8 * compressed.size() + 64, largest_plain);;
       room = std::min(2 * room, largest_plain)) {
    plain.resize(room);
    uLongf size = room;
    const int done = ::uncompress(plain.data(), &size, compressed.data(), compressed.size());
    if (done == Z_OK) {
      plain.resize(size);
      return plain;
    }
    if (done != Z_BUF_ERROR || room == largest_plain) return std::nullopt;
  }
}

Expected<void> add_counts(const Bytes& plain, Histogram& into) {
  Reader reader(plain);
  const bool ours = reader.take<std::uint32_t>() == plain_cookie;
  reader.take<std::uint32_t>();  // payload length
  reader.take<std::uint32_t>();  // normalising index offset
  const bool same_layout =
      reader.take<std::uint32_t>() == static_cast<std::uint32_t>(Histogram::significant_digits) &&
      reader.take<std::uint64_t>() == static_cast<std::uint64_t>(Histogram::lowest) &&
      reader.take<std::uint64_t>() == static_cast<std::uint64_t>(Histogram::highest);
  reader.take<std::uint64_t>();  // conversion ratio
  if (!ours || reader.cut_off()) return world_error("not a V2 histogram");
  if (!same_layout) return world_error("a histogram of another range or precision");
  for (std::size_t index = 0; !reader.at_end();) {
    const std::int64_t next = reader.take_zigzag();
    const std::uint64_t used = next < 0 ? static_cast<std::uint64_t>(-(next + 1)) + 1 : 1;
    if (reader.cut_off() || used > Histogram::counters - index) {
      return world_error("a histogram that is cut off or too long");
    }
    if (next > 0) into.record(Histogram::highest_value_at(index), static_cast<std::uint64_t>(next));
    index += used;
  }
  return {};
}

Expected<void> add_encoded(std::string_view text, Histogram& into) {
  const std::optional<Bytes> bytes = from_base64(text);
  if (!bytes) return world_error("a histogram that is not base64");
  Reader reader(*bytes);
  if (reader.take<std::uint32_t>() != compressed_cookie) {
    return world_error("not a compressed V2 histogram");
  }
  reader.take<std::uint32_t>();  // compressed length
  const std::optional<Bytes> plain = inflate(reader.rest());
  if (!plain) return world_error("a histogram whose zlib stream is broken");
  return add_counts(*plain, into);
}

}  // namespace

std::string encode(const Histogram& histogram) {
  const Bytes plain = encode_plain(histogram);
  uLongf size = ::compressBound(plain.size());
  Bytes compressed(size);
  CONTEND_CHECK(::compress2(compressed.data(), &size, plain.data(), plain.size(),
                            Z_DEFAULT_COMPRESSION) == Z_OK);
  compressed.resize(size);
  Bytes out;
  put(out, compressed_cookie);
  put(out, static_cast<std::uint32_t>(compressed.size()));
  out.insert(out.end(), compressed.begin(), compressed.end());
  return to_base64(out);
}

Expected<Histogram> decode_histogram(std::string_view text) {
  Histogram histogram;
  if (const Expected<void> added = add_encoded(text, histogram); !added) return added.error();
  return histogram;
}

Distribution to_distribution(std::string name, const Histogram& histogram) {
  return {.name = std::move(name),
          .unit = "ns",
          .count = static_cast<std::int64_t>(histogram.count()),
          .min = histogram.min(),
          .max = histogram.max(),
          .mean = histogram.mean(),
          .hdr = encode(histogram)};
}

Expected<void> add_distribution(const Distribution& distribution, Histogram& into) {
  const std::uint64_t count = into.count();
  const std::int64_t least = count == 0 ? distribution.min : std::min(into.min(), distribution.min);
  const std::int64_t most = std::max(into.max(), distribution.max);
  const double sum = into.mean() * static_cast<double>(count) +
                     distribution.mean * static_cast<double>(distribution.count);
  if (const Expected<void> added = add_encoded(distribution.hdr, into); !added) return added;
  if (static_cast<std::int64_t>(into.count() - count) != distribution.count) {
    return world_error("a histogram whose buckets do not add up to its count");
  }
  if (distribution.count > 0) {
    into.set_summary(least, most, sum / static_cast<double>(into.count()));
  }
  return {};
}

Expected<Histogram> from_distribution(const Distribution& distribution) {
  Histogram histogram;
  if (const Expected<void> added = add_distribution(distribution, histogram); !added) {
    return added.error();
  }
  return histogram;
}

}  // namespace contend
