#include "loadgen/pacer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "loadgen/message_size.hpp"

namespace contend::loadgen {

Pacer::Pacer(const Schedule& schedule, TimePoint start, TimePoint end,
             std::vector<std::uint32_t> mine)
    : schedule_(schedule), start_(start), end_(end) {
  phase_ = random(std::numeric_limits<std::uint32_t>::max(), 0);
  heap_.reserve(mine.size());
  for (std::size_t i = 0; i < mine.size(); ++i) {
    if (share_of(mine[i]) == 0) continue;
    Client client{.place = static_cast<std::uint32_t>(i), .client = mine[i]};
    place(client);
    heap_.push_back(client);
  }
  std::ranges::make_heap(heap_, [](const Client& a, const Client& b) { return b.before(a); });
  look();
}

Pacer::TimePoint Pacer::end() const {
  if (!schedule_.messages) return end_;
  const double seconds = static_cast<double>(*schedule_.messages) / schedule_.rate_per_second;
  return std::min(end_, start_ + std::chrono::nanoseconds(std::llround(seconds * 1e9)));
}

std::uint64_t Pacer::share_of(std::uint32_t client) const {
  if (!schedule_.messages) return std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t all = *schedule_.messages;
  return all / schedule_.clients + (client < all % schedule_.clients ? 1 : 0);
}

/// In [0, 1).
double Pacer::random(std::uint32_t client, std::uint64_t number) const {
  // Another seed than the payload's, whose sizes are drawn for the same client and number.
  const std::uint64_t seed = scramble(schedule_.seed, {.client = 0, .number = 0x70616365});
  const std::uint64_t bits = scramble(seed, {.client = client, .number = number}) >> 11;
  return static_cast<double>(bits) * 0x1p-53;
}

/// Moves the client to the due time of its message `number`.
void Pacer::place(Client& client) const {
  const double rate = schedule_.rate_per_second;
  if (schedule_.arrival == Arrival::uniform) {
    const auto index = static_cast<double>(client.number) * schedule_.clients + client.client;
    client.due_seconds = (index + phase_) / rate;
    return;
  }
  // In (0, 1], so that the logarithm is finite.
  const double chance = 1 - random(client.client, client.number);
  if (!schedule_.messages) {
    client.due_seconds += -std::log(chance) * schedule_.clients / rate;
    return;
  }
  // The least of those that are left, each anywhere in the time that is left.
  const double end = static_cast<double>(*schedule_.messages) / rate;
  const auto left = static_cast<double>(share_of(client.client) - client.number);
  client.due_seconds += (end - client.due_seconds) * (1 - std::pow(chance, 1 / left));
}

void Pacer::advance() {
  Client& first = heap_.front();
  if (++first.number < share_of(first.client)) {
    place(first);
  } else {
    first = heap_.back();
    heap_.pop_back();
  }
  sift_down();
  look();
}

/// Only the first may be out of its place.
void Pacer::sift_down() {
  for (std::size_t at = 0;;) {
    std::size_t child = 2 * at + 1;
    if (child >= heap_.size()) return;
    if (child + 1 < heap_.size() && heap_[child + 1].before(heap_[child])) ++child;
    if (!heap_[child].before(heap_[at])) return;
    std::swap(heap_[child], heap_[at]);
    at = child;
  }
}

void Pacer::look() {
  next_ = TimePoint::max();
  if (heap_.empty()) return;
  const double ns = heap_.front().due_seconds * 1e9;
  if (ns >= 1e18) return;  // some thirty years: never
  const auto due = start_ + std::chrono::nanoseconds(std::llround(ns));
  if (due < end_) next_ = due;
}

}  // namespace contend::loadgen
