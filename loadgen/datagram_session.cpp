#include "loadgen/datagram_session.hpp"

#include <algorithm>
#include <bit>
#include <string_view>

#include <fmt/format.h>

#include "loadgen/classify.hpp"

namespace contend::loadgen {
namespace {

constexpr std::size_t fewest_slots = 64;
// How far behind the newest message one may still wait. Bounds the memory of a client.
constexpr std::size_t most_slots = 65536;
// Messages that a datagram without a readable header is compared with.
constexpr std::uint64_t reach = 1024;

std::string_view text_of(std::span<const char> bytes) {
  return {bytes.data(), bytes.size()};
}

}  // namespace

DatagramSession::DatagramSession(const Wire& wire, const SessionPlan& plan, Tally& tally)
    : wire_(&wire),
      plan_(plan),
      tally_(&tally),
      buffer_(wire.sizes.largest()),
      slots_(std::bit_ceil(std::clamp(2 * plan.depth, fewest_slots, most_slots))) {}

void DatagramSession::started(Clock::time_point now, Clock::time_point measure_from) {
  waiting_since_ = now;
  measure_from_ = measure_from;
}

std::span<const char> DatagramSession::next() {
  const bool wanted = plan_.open_loop ? !backlog_.empty() : !stopped_ && begun_ < plan_.share;
  if (!wanted || waiting_ >= plan_.depth || begun_ - oldest_ >= most_slots) return {};
  const std::size_t size = wire_->size_of(id(begun_));
  const std::span<char> datagram{buffer_.data(), size};
  if (!std::exchange(filled_, true)) wire_->payload.write(id(begun_), size, 0, datagram);
  return datagram;
}

void DatagramSession::sent(Clock::time_point now) {
  if (begun_ - oldest_ == slots_.size()) grow();
  const Clock::time_point due = plan_.open_loop ? backlog_.pop().due : now;
  slot(begun_) = {{.due = due, .sent = now}, State::waiting};
  if (waiting_++ == 0) oldest_ = begun_;
  tally_->bytes_sent += wire_->size_of(id(begun_));
  tally_->first_sent = std::min(tally_->first_sent, now);
  ++tally_->sent;
  ++begun_;
  filled_ = false;
}

void DatagramSession::grow() {
  std::vector<Slot> larger(2 * slots_.size());
  for (std::uint64_t number = begun_ - slots_.size(); number != begun_; ++number) {
    larger[number & (larger.size() - 1)] = slot(number);
  }
  slots_ = std::move(larger);
}

/// None: never sent, or so long ago that it was forgotten.
std::optional<DatagramSession::State> DatagramSession::state_of(std::uint64_t number) const {
  if (number >= begun_ || begun_ - number > slots_.size()) return std::nullopt;
  return slots_[number & (slots_.size() - 1)].state;
}

bool DatagramSession::is(std::uint64_t number, std::span<const char> datagram) const {
  const std::size_t size = wire_->size_of(id(number));
  return size == datagram.size() && wire_->payload.matches(id(number), size, 0, datagram);
}

void DatagramSession::received(std::span<const char> datagram, Clock::time_point now) {
  if (!judged_) first_answer(true, now);
  if (waiting_ > 0 && (!wire_->verify || is(oldest_, datagram))) {
    complete(oldest_, datagram.size(), now);
  } else if (!wire_->verify) {
    add_fault(Cause::surplus, begun_, datagram, "nothing was waited for");
  } else if (const auto seen = identify(datagram)) {
    take(*seen, datagram, now);
  } else {
    take_wrong(datagram);
  }
  received_bytes_ += datagram.size();
}

/// The message that this is, whole and right.
std::optional<MessageId> DatagramSession::identify(std::span<const char> datagram) const {
  if (const auto named = by_header(datagram)) {
    const std::size_t size = wire_->size_of(*named);
    const bool whole = size == datagram.size() && wire_->payload.matches(*named, size, 0, datagram);
    return whole ? named : std::nullopt;
  }
  std::optional<MessageId> settled;
  const std::uint64_t first = begun_ - std::min<std::uint64_t>(begun_, reach);
  for (std::uint64_t number = first; number != begun_; ++number) {
    if (!is(number, datagram)) continue;
    if (state_of(number) == State::waiting) return id(number);
    settled = id(number);
  }
  return settled;
}

/// Whose header it has, right or not; the nearest number that the header's 32 bits can mean.
std::optional<MessageId> DatagramSession::by_header(std::span<const char> datagram) const {
  std::optional<MessageId> named = wire_->payload.read_header(text_of(datagram));
  if (!named) return std::nullopt;
  const auto distance = static_cast<std::int32_t>(static_cast<std::uint32_t>(named->number) -
                                                  static_cast<std::uint32_t>(begun_));
  if (distance < 0 && begun_ < static_cast<std::uint64_t>(-std::int64_t{distance})) {
    return std::nullopt;
  }
  named->number = begun_ + static_cast<std::uint64_t>(std::int64_t{distance});
  return wire_->size_of(*named) > Payload::header_size ? named : std::nullopt;
}

void DatagramSession::take(MessageId seen, std::span<const char> datagram, Clock::time_point now) {
  const std::string name = fmt::format("client {}, message {}", seen.client, seen.number);
  if (seen.client != plan_.client || seen.number >= begun_) {
    const Cause cause = seen.client != plan_.client ? Cause::foreign : Cause::surplus;
    const std::uint64_t instead_of = waiting_ > 0 ? oldest_ : begun_;
    add_fault(cause, instead_of, datagram, "these are bytes of " + name);
    if (waiting_ > 0) fail(instead_of);
    return;
  }
  const std::optional<State> state = state_of(seen.number);
  if (state == State::waiting) return complete(seen.number, datagram.size(), now);
  if (state == State::answered) {
    add_fault(Cause::duplicated, seen.number, datagram, "its answer had come before");
  } else {
    ++tally_->datagrams_late;
  }
}

std::size_t DatagramSession::wrong_bytes(std::uint64_t number,
                                         std::span<const char> datagram) const {
  const std::size_t size = wire_->size_of(id(number));
  const std::size_t common = std::min(size, datagram.size());
  const std::string wanted = wire_->payload.bytes(id(number), size, 0, common);
  std::size_t wrong = std::max(size, datagram.size()) - common;
  for (std::size_t i = 0; i < common; ++i) wrong += wanted[i] != datagram[i] ? 1 : 0;
  return wrong;
}

/// The waiting message that a damaged answer was made from, as far as one can tell.
std::uint64_t DatagramSession::most_like(std::span<const char> datagram) const {
  std::uint64_t nearest = oldest_;
  std::size_t fewest = wrong_bytes(oldest_, datagram);
  for (std::uint64_t number = oldest_ + 1; number < std::min(begun_, oldest_ + reach); ++number) {
    if (state_of(number) != State::waiting) continue;
    const std::size_t wrong = wrong_bytes(number, datagram);
    if (wrong >= fewest) continue;
    fewest = wrong;
    nearest = number;
  }
  return nearest;
}

void DatagramSession::take_wrong(std::span<const char> datagram) {
  if (waiting_ == 0) return add_fault(Cause::surplus, begun_, datagram, "nothing was waited for");
  const std::uint64_t number = most_like(datagram);
  const std::size_t size = wire_->size_of(id(number));
  const std::string wanted = wire_->payload.bytes(id(number), size, 0, size);
  const std::size_t at =
      static_cast<std::size_t>(std::ranges::mismatch(wanted, datagram).in1 - wanted.begin());
  if (at == datagram.size()) {
    add_fault(Cause::truncated, number, {}, fmt::format("{} of its {} bytes came", at, size));
  } else if (at == size) {
    add_fault(Cause::surplus, number, datagram.subspan(at),
              fmt::format("{} bytes or more follow its {}", datagram.size() - size, size));
  } else {
    const Place place{id(number), at, number + 1, received_bytes_ + at};
    Fault fault = classify(*wire_, place, text_of(datagram.subspan(at))).fault;
    fault.note += fmt::format("{}byte {} of the datagram", fault.note.empty() ? "" : "; ", at);
    tally_->add(std::move(fault));
  }
  fail(number);
}

void DatagramSession::complete(std::uint64_t number, std::size_t size, Clock::time_point now) {
  record(slot(number).flight, now);
  settle(number, State::answered);
  if (number < newest_) ++tally_->datagrams_reordered;
  newest_ = std::max(newest_, number);
  tally_->bytes_verified += size;
  tally_->last_answer = now;
  ++tally_->answered;
  ++progress_;
}

void DatagramSession::fail(std::uint64_t number) {
  // A second answer to it, right or wrong, comes after an answer.
  settle(number, State::answered);
  ++tally_->failed;
}

void DatagramSession::settle(std::uint64_t number, State state) {
  slot(number).state = state;
  --waiting_;
  while (oldest_ != begun_ && slot(oldest_).state != State::waiting) ++oldest_;
}

void DatagramSession::add_fault(Cause cause, std::uint64_t number, std::span<const char> got,
                                std::string note) {
  tally_->add({.cause = cause,
               .message = id(number),
               .offset = received_bytes_,
               .got = std::string(text_of(got).substr(0, Payload::header_size)),
               .note = std::move(note)});
}

std::size_t DatagramSession::give_up(Clock::time_point since) {
  std::size_t lost = 0;
  while (waiting_ > 0 && slot(oldest_).flight.sent < since) {
    add_fault(Cause::lost, oldest_, {}, "");
    settle(oldest_, State::given_up);
    ++tally_->failed;
    ++lost;
  }
  return lost;
}

void DatagramSession::fail_all(Cause cause, Clock::time_point now) {
  if (!judged_) first_answer(false, now);
  add_fault(cause, waiting_ > 0 ? oldest_ : begun_, {}, "");
  while (waiting_ > 0) fail(oldest_);
}

void DatagramSession::take_back() {
  Flights again;
  for (std::uint64_t number = oldest_; number != begun_; ++number) {
    const Flight& flight = slot(number).flight;
    if (plan_.open_loop) again.push({.due = flight.due, .sent = flight.due});
    tally_->bytes_sent -= wire_->size_of(id(number));
    --tally_->sent;
  }
  while (!backlog_.empty()) again.push(backlog_.pop());
  backlog_ = std::move(again);
  begun_ = oldest_;
  waiting_ = 0;
  filled_ = false;
}

void DatagramSession::record(const Flight& flight, Clock::time_point now) {
  if (flight.due < measure_from_) return;
  tally_->service.record(now - flight.sent);
  if (plan_.open_loop) tally_->intended.record(now - flight.due);
  tally_->timeline.record(now, now - (plan_.open_loop ? flight.due : flight.sent));
}

void DatagramSession::first_answer(bool served, Clock::time_point now) {
  judged_ = true;
  served_ = served;
  tally_->first_answers.push_back(
      {.client = plan_.client, .served = served, .wait = now - waiting_since_});
}

void DatagramSession::cut(Clock::time_point now) {
  if (!judged_ && waiting_ > 0) first_answer(false, now);
  for (; waiting_ > 0; ++tally_->unfinished) {
    record(slot(oldest_).flight, now);
    settle(oldest_, State::given_up);
  }
  while (!backlog_.empty()) {
    const Flight unsent = backlog_.pop();
    if (unsent.due >= measure_from_) tally_->intended.record(now - unsent.due);
  }
}

}  // namespace contend::loadgen
