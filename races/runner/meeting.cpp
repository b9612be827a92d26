#include "races/runner/meeting.hpp"

#include <thread>

namespace contend::races {
namespace {

/// Tells the CPU that this is a wait: without it the other's store arrives a third later.
void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

Meeting::Meeting(std::size_t actors, bool has_cpu_each)
    : actors_(actors), spins_before_yield_(has_cpu_each ? 4000 : 20) {}

void Meeting::arrive_and_wait(std::size_t actor) {
  Place& mine = places_[actor];
  const std::uint64_t now = ++mine.met;
  mine.arrivals.store(now, std::memory_order_release);
  bool has_told = false;
  for (std::size_t other = 0; other < actors_; ++other) {
    if (other == actor) continue;
    int spins = 0;
    while (places_[other].arrivals.load(std::memory_order_acquire) < now) {
      if (++spins < spins_before_yield_) {
        relax();
        continue;
      }
      if (!has_told) mine.waits.store(true, std::memory_order_relaxed);
      has_told = true;
      std::this_thread::yield();
    }
  }
  if (has_told) mine.waits.store(false, std::memory_order_relaxed);
}

bool Meeting::is_waiting(std::size_t actor) const {
  return places_[actor].waits.load(std::memory_order_relaxed);
}

}  // namespace contend::races
