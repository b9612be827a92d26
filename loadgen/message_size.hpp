// How long each message is: a pure function of the message, so that both ends of a stream agree
// without keeping anything.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/expected.hpp"

namespace contend::loadgen {

/// Which message: of which client, and its number in that client's stream from 0.
struct MessageId {
  std::uint32_t client = 0;
  std::uint64_t number = 0;

  bool operator==(const MessageId&) const = default;
};

/// A number without pattern, the same for the same arguments. Source: splitmix64 (S. Vigna).
std::uint64_t scramble(std::uint64_t seed, MessageId id);

/// Sizes in bytes: one, a range, or a weighted choice of both.
class MessageSizes {
 public:
  explicit MessageSizes(std::size_t fixed = 64);

  /// "64", "64..4k", "64:90,1M:10". Each from 1 byte to 1 GiB, weights above zero.
  static Expected<MessageSizes> parse(std::string_view text);

  std::size_t of(std::uint64_t seed, MessageId id) const {
    return fixed_ != 0 ? fixed_ : choose(scramble(seed, id));
  }

  std::size_t largest() const;
  double mean() const;
  const std::string& text() const { return text_; }

 private:
  struct Choice {
    std::size_t low = 0;
    std::size_t high = 0;
    std::uint64_t weight = 1;
  };

  static Expected<Choice> parse_choice(std::string_view text);
  std::size_t choose(std::uint64_t random) const;

  std::string text_;
  std::size_t fixed_ = 0;  // 0: choose
  std::vector<Choice> choices_;
  std::uint64_t total_weight_ = 0;
};

}  // namespace contend::loadgen
