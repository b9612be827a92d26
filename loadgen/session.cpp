#include "loadgen/session.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace contend::loadgen {
namespace {

constexpr std::size_t largest_write = 65536;

std::size_t buffer_size(const Wire& wire, std::size_t depth) {
  const std::size_t largest = wire.sizes.largest();
  return std::min(largest_write, largest * std::min(depth, largest_write));
}

}  // namespace

Session::Session(const Wire& wire, const SessionPlan& plan, Tally& tally)
    : Account(plan, tally),
      wire_(&wire),
      verifier_(wire, plan.client),
      buffer_(buffer_size(wire, plan.depth)) {}

void Session::connected() {
  verifier_.restart(begun_);
  filling_ = begun_;
  filling_from_ = 0;
  written_ = filled_ = 0;
}

std::span<const char> Session::to_write(Clock::time_point now) {
  if (written_ == filled_ && filling_ < begun_) fill(now);
  return {buffer_.data() + written_, filled_ - written_};
}

void Session::fill(Clock::time_point now) {
  written_ = filled_ = 0;
  while (filling_ < begun_ && filled_ < buffer_.size()) {
    const MessageId id{plan_.client, filling_};
    const std::size_t size = wire_->size_of(id);
    const std::size_t count = std::min(buffer_.size() - filled_, size - filling_from_);
    if (filling_from_ == 0) flights_[flights_.size() - (begun_ - filling_)].sent = now;
    wire_->payload.write(id, size, filling_from_, {buffer_.data() + filled_, count});
    filled_ += count;
    filling_from_ += count;
    if (filling_from_ < size) return;
    filling_from_ = 0;
    ++filling_;
  }
}

void Session::wrote(std::size_t count) {
  written_ += count;
  tally_->bytes_sent += count;
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
