#include "loadgen/classify.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace contend::loadgen {
namespace {

// Enough to be no coincidence, and the size of a header.
constexpr std::size_t telling = Payload::header_size;
constexpr std::size_t shown_bytes = 16;
constexpr std::size_t most_to_wait_for = 65536;
// How far around the place a shifted stream is looked for.
constexpr std::size_t reach_bytes = 65536;
constexpr std::uint64_t reach_messages = 64;

/// The expected bytes of messages [first, last), cut at reach_bytes counted from the near end.
std::string stream(const Wire& wire, std::uint32_t client, std::uint64_t first,
                   std::uint64_t last) {
  std::string text;
  for (std::uint64_t number = first; number < last && text.size() < reach_bytes; ++number) {
    const MessageId id{client, number};
    const std::size_t size = wire.size_of(id);
    text += wire.payload.bytes(id, size, 0, std::min(size, reach_bytes));
  }
  return text;
}

std::string ahead(const Wire& wire, const Place& place) {
  if (!place.expects_something()) return {};
  const std::size_t size = wire.size_of(place.message);
  std::string text =
      wire.payload.bytes(place.message, size, place.at, std::min(size - place.at, reach_bytes));
  const std::uint64_t next = place.message.number + 1;
  return text +
         stream(wire, place.message.client, next, std::min(place.begun, next + reach_messages));
}

std::string behind(const Wire& wire, const Place& place) {
  const std::uint64_t number = place.message.number;
  std::string text =
      stream(wire, place.message.client, number - std::min(number, reach_messages), number);
  if (place.at > 0) {
    text += wire.payload.bytes(place.message, wire.size_of(place.message), 0,
                               std::min(place.at, reach_bytes));
  }
  return text;
}

std::size_t differing(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  std::size_t count = 0;
  for (std::size_t i = 0; i < common; ++i) count += a[i] != b[i] ? 1 : 0;
  return count;
}

Fault fault_at(const Wire& wire, const Place& place, std::string_view window, Cause cause,
               std::string note) {
  Fault fault{.cause = cause, .message = place.message, .offset = place.offset};
  if (place.expects_something()) {
    const std::size_t size = wire.size_of(place.message);
    fault.wanted = wire.payload.bytes(place.message, size, place.at,
                                      std::min({shown_bytes, size - place.at, window.size()}));
  }
  fault.got = window.substr(0, shown_bytes);
  fault.note = std::move(note);
  return fault;
}

/// The message of ours that `text` starts with, if any: a header, and as much of the body as is
/// there.
std::optional<MessageId> message_at(const Wire& wire, const Place& place, std::string_view text) {
  std::optional<MessageId> id = wire.payload.read_header(text);
  if (!id) return std::nullopt;
  // A header holds the low half of a number; the nearest to ours is meant.
  id->number =
      place.message.number + static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(
                                 static_cast<std::uint32_t>(id->number - place.message.number))});
  const std::size_t size = wire.size_of(*id);
  if (size <= Payload::header_size) return std::nullopt;
  const std::string_view piece = text.substr(0, std::min(size, text.size()));
  return wire.payload.matches(*id, size, 0, piece) ? id : std::nullopt;
}

/// The window from its message's start on, if the first wrong byte stands in the header: numbers of
/// neighbours share most of their digits.
std::string from_header(const Wire& wire, const Place& place, std::string_view window) {
  if (!place.expects_something() || place.at >= Payload::header_size) return std::string(window);
  const std::size_t size = wire.size_of(place.message);
  return wire.payload.bytes(place.message, size, 0, place.at).append(window);
}

struct Sighting {
  Cause cause;
  std::string note;
};

/// The window starts with a whole message of ours, but not the expected one.
Sighting judge_message(const Wire& wire, const Place& place, MessageId seen,
                       std::string_view window) {
  const std::string name = fmt::format("client {}, message {}", seen.client, seen.number);
  if (seen.client != place.message.client) {
    return {Cause::foreign, "these are bytes of " + name};
  }
  if (seen.number < place.message.number || (seen == place.message && place.at > 0)) {
    return {Cause::duplicated, "these are bytes of " + name + " again"};
  }
  const std::size_t size = wire.size_of(seen);
  const auto next =
      size < window.size() ? message_at(wire, place, window.substr(size)) : std::nullopt;
  const bool late = next && next->client == seen.client && next->number < seen.number;
  return {late ? Cause::reordered : Cause::truncated,
          "these are bytes of " + name + (late ? ", which came too early" : "")};
}

std::optional<Sighting> judge_shift(const Wire& wire, const Place& place, std::string_view window) {
  const std::string whole = from_header(wire, place, window);
  if (const auto seen = message_at(wire, place, whole)) {
    return judge_message(wire, place, *seen, whole);
  }
  if (window.size() < 8) return std::nullopt;
  const std::string_view start = window.substr(0, telling);
  const std::string later = ahead(wire, place);
  if (const auto found = later.find(start); found != std::string::npos) {
    const std::string_view skipped = std::string_view(later).substr(0, telling);
    const bool late = window.find(skipped) != std::string_view::npos;
    return Sighting{late ? Cause::reordered : Cause::truncated,
                    fmt::format("{} bytes {}", found, late ? "come later" : "are missing")};
  }
  const std::string earlier = behind(wire, place);
  if (const auto found = earlier.rfind(start); found != std::string::npos) {
    return Sighting{Cause::duplicated,
                    fmt::format("the same bytes came {} bytes before", earlier.size() - found)};
  }
  if (place.expects_something() && later.size() >= telling) {
    const auto found = window.find(std::string_view(later).substr(0, telling));
    if (found != std::string_view::npos) {
      return Sighting{Cause::surplus, fmt::format("{} bytes too many", found)};
    }
  }
  if (start.size() == telling && wire.payload.contains(start)) {
    return Sighting{Cause::foreign, "bytes of this run, but of no message near this one"};
  }
  return std::nullopt;
}

}  // namespace

std::size_t bytes_to_judge(const Wire& wire, const Place& place, std::string_view window) {
  if (!place.expects_something()) return 1;
  const std::size_t remaining = wire.size_of(place.message) - place.at;
  const bool more_to_come = place.message.number + 1 < place.begun;
  std::size_t wanted = std::min<std::size_t>(4 * telling, remaining + (more_to_come ? telling : 0));
  const auto seen = message_at(wire, place, from_header(wire, place, window));
  if (seen && seen->client == place.message.client && seen->number > place.message.number) {
    wanted = std::max(wanted, std::min(wire.size_of(*seen) + telling, most_to_wait_for));
  }
  return wanted;
}

Judgement classify(const Wire& wire, const Place& place, std::string_view window) {
  const std::string expected = ahead(wire, place).substr(0, window.size());
  const std::size_t wrong = differing(expected, window);
  // A few wrong bytes among right ones; or too few bytes to tell anything else.
  const bool in_place = !expected.empty() && (4 * wrong <= window.size() || window.size() < 8);
  if (in_place) return {fault_at(wire, place, window, Cause::corrupt, ""), true};
  if (const auto shift = judge_shift(wire, place, window)) {
    return {fault_at(wire, place, window, shift->cause, shift->note), false};
  }
  const Cause cause = place.expects_something() ? Cause::corrupt : Cause::surplus;
  return {fault_at(wire, place, window, cause, ""), false};
}

}  // namespace contend::loadgen
