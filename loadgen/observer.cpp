#include "loadgen/observer.hpp"

#include <thread>

#include "core/interrupt.hpp"

namespace contend::loadgen {

void Observer::settled() {
  unsettled_.fetch_sub(1, std::memory_order_release);
}

bool Observer::wait_until_settled() const {
  while (unsettled_.load(std::memory_order_acquire) > 0) {
    if (interrupted()) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

void Observer::publish(std::size_t index, const Tally& tally, bool open_loop) {
  const std::lock_guard lock(mutex_);
  Snapshot& place = places_[index];
  place.sent = tally.sent;
  place.answered = tally.answered;
  place.errors = tally.errors.total();
  place.latency = open_loop ? tally.intended : tally.service;
}

Snapshot Observer::total() const {
  Snapshot sum;
  const std::lock_guard lock(mutex_);
  for (const Snapshot& place : places_) sum.add(place);
  return sum;
}

}  // namespace contend::loadgen
