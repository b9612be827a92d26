#include "loadgen/session.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "loadgen/rooms.hpp"

namespace contend::loadgen {
Session::Session(const Wire& wire, const SessionPlan& plan, Tally& tally)
    : Account(plan, tally), wire_(&wire), verifier_(wire, plan.client) {}

std::size_t Session::room_to_write() const {
  const std::size_t largest = wire_->sizes.largest();
  return std::min(largest_write, largest * std::min(plan_.depth, largest_write));
}

void Session::connected() {
  verifier_.restart(begun_);
  written_ = offered_ = {.number = begun_};
  offer_ = 0;
}

std::span<const char> Session::to_write(Clock::time_point now, std::span<char> room) {
  Position place = written_;
  std::size_t filled = 0;
  while (place.number < begun_ && filled < room.size()) {
    const MessageId id{plan_.client, place.number};
    const std::size_t size = wire_->size_of(id);
    const std::size_t count = std::min(room.size() - filled, size - place.at);
    wire_->payload.write(id, size, place.at, room.subspan(filled, count));
    filled += count;
    place.at += count;
    if (place.at == size) place = {.number = place.number + 1};
  }
  // Where all messages are the same, one may be answered before it went.
  const std::uint64_t oldest = begun_ - flights_.size();
  const std::uint64_t first = std::max(begins(written_), oldest);
  const std::uint64_t end = std::max(begins(place), first);
  flights_.set_sent(first - oldest, end - first, now);
  offered_ = place;
  offer_ = filled;
  return room.first(filled);
}

void Session::wrote(std::size_t count) {
  tally_->bytes_sent += count;
  written_ = count == offer_ ? offered_ : after(written_, count);
}

Session::Position Session::after(Position place, std::size_t count) const {
  for (place.at += count;; ++place.number) {
    const std::size_t size = wire_->size_of({plan_.client, place.number});
    if (place.at < size) return place;
    place.at -= size;
  }
}

bool Session::received(std::span<const char> bytes, Clock::time_point now) {
  if (!judged_) first_answer(true, now);
  heard_ = now;
  const std::uint64_t first = verifier_.next();
  verifier_.accept(bytes, begun_);
  tally_->bytes_verified += verifier_.verified();
  if (verifier_.faults().empty() && verifier_.spoiled().empty()) {
    complete(now, verifier_.next() - first);
  } else {
    take_findings(first, now);
  }
  return !verifier_.broken();
}

/// The slow way, when something was wrong: each completed message counts as answered or failed.
void Session::take_findings(std::uint64_t first, Clock::time_point now) {
  take_faults();
  const auto& spoiled = verifier_.spoiled();
  for (std::uint64_t number = first; number != verifier_.next(); ++number) {
    std::ranges::find(spoiled, number) == spoiled.end() ? complete(now) : fail();
  }
}

void Session::take_faults() {
  for (const Fault& fault : verifier_.faults()) tally_->add(fault);
}

void Session::lost(Cause cause, Clock::time_point now) {
  const std::uint64_t first = verifier_.next();
  verifier_.conclude(begun_);
  const bool explained = verifier_.broken();
  take_findings(first, now);
  const bool begun = cause == Cause::timeout && verifier_.at() > 0;
  if (begun && !still_comes(now)) cause = Cause::truncated;
  if (cause == Cause::timeout && !judged_) cause = Cause::starved;
  if (!judged_) first_answer(false, now);
  if (!explained) {
    tally_->add({.cause = cause,
                 .message = {plan_.client, verifier_.next()},
                 .offset = verifier_.offset(),
                 .note = where()});
  }
  while (!flights_.empty()) fail();
}

bool Session::still_comes(Clock::time_point now) const {
  return waiting() && now - heard_ < (now - oldest()) / 2;
}

std::string Session::where() const {
  if (!wire_->verify || verifier_.at() == 0) return "";
  const std::size_t size = wire_->size_of({plan_.client, verifier_.next()});
  return fmt::format("{} of the message's {} bytes had come", verifier_.at(), size);
}

}  // namespace contend::loadgen
