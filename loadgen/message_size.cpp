#include "loadgen/message_size.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/units.hpp"

namespace contend::loadgen {
namespace {

constexpr std::uint64_t largest_allowed = std::uint64_t{1} << 30;

Expected<std::size_t> parse_size(std::string_view text) {
  const Expected<std::uint64_t> size = parse_bytes(text);
  if (!size) return size.error();
  if (*size < 1 || *size > largest_allowed) {
    return usage_error(fmt::format("\"{}\" is not between 1 byte and 1 GiB", text));
  }
  return static_cast<std::size_t>(*size);
}

}  // namespace

std::uint64_t scramble(std::uint64_t seed, MessageId id) {
  std::uint64_t x = seed + 0x9e3779b97f4a7c15 * (id.number + 1) + 0xd1342543de82ef95 * id.client;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

MessageSizes::MessageSizes(std::size_t fixed)
    : text_(std::to_string(fixed)), fixed_(fixed), choices_{{fixed, fixed, 1}}, total_weight_(1) {}

Expected<MessageSizes::Choice> MessageSizes::parse_choice(std::string_view text) {
  Choice choice;
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    const Expected<std::uint64_t> weight = parse_count(text.substr(colon + 1));
    if (!weight) return weight.error();
    if (*weight == 0 || *weight > 1'000'000) {
      return usage_error(fmt::format("the weight in \"{}\" is not between 1 and 1000000", text));
    }
    choice.weight = *weight;
    text = text.substr(0, colon);
  }
  const auto dots = text.find("..");
  const Expected<std::size_t> low = parse_size(text.substr(0, dots));
  if (!low) return low.error();
  choice.low = choice.high = *low;
  if (dots != std::string_view::npos) {
    const Expected<std::size_t> high = parse_size(text.substr(dots + 2));
    if (!high) return high.error();
    choice.high = *high;
  }
  if (choice.high < choice.low) return usage_error(fmt::format("\"{}\" is an empty range", text));
  return choice;
}

Expected<MessageSizes> MessageSizes::parse(std::string_view text) {
  MessageSizes sizes;
  sizes.text_ = text;
  sizes.choices_.clear();
  sizes.total_weight_ = 0;
  for (std::string_view rest = text;;) {
    const auto comma = rest.find(',');
    const Expected<Choice> choice = parse_choice(rest.substr(0, comma));
    if (!choice) return choice.error();
    sizes.choices_.push_back(*choice);
    sizes.total_weight_ += choice->weight;
    if (comma == std::string_view::npos) break;
    rest = rest.substr(comma + 1);
  }
  const Choice& only = sizes.choices_.front();
  sizes.fixed_ = sizes.choices_.size() == 1 && only.low == only.high ? only.low : 0;
  return sizes;
}

std::size_t MessageSizes::choose(std::uint64_t random) const {
  std::uint64_t ticket = (random >> 32) % total_weight_;
  const Choice* chosen = choices_.data();
  while (ticket >= chosen->weight) {
    ticket -= chosen->weight;
    ++chosen;
  }
  return chosen->low + (random & 0xffffffff) % (chosen->high - chosen->low + 1);
}

std::size_t MessageSizes::largest() const {
  return std::ranges::max(choices_, {}, &Choice::high).high;
}

double MessageSizes::mean() const {
  double sum = 0;
  for (const Choice& choice : choices_) {
    sum += static_cast<double>(choice.weight) * static_cast<double>(choice.low + choice.high) / 2;
  }
  return sum / static_cast<double>(total_weight_);
}

}  // namespace contend::loadgen
