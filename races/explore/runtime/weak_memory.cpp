#include "races/explore/runtime/weak_memory.hpp"

#include <initializer_list>

namespace contend::explore {

void WeakMemory::begin() {
  locations_ = static_cast<Location*>(map_pages(table_size * sizeof(Location)));
  clocks_.reserve(std::size_t{1} << 28U);
}

// Null when the table is full: such a location is sequentially consistent. A value that nobody
// stored atomically means that another object lives there now.
WeakMemory::Location* WeakMemory::find(std::uint64_t object, std::uint64_t now) {
  std::uint64_t at = (object >> 2U) % table_size;
  for (std::uint32_t tries = 0; tries < 64; ++tries, at = (at + 1) % table_size) {
    Location& found = locations_[at];
    const bool fresh = found.run != run_;
    if (!fresh && found.address != object) continue;
    if (fresh || found.stores[found.newest % depth].value != now) {
      found.address = object;
      found.run = run_;
      found.newest = found.oldest = found.sequential = 0;
      for (std::uint32_t& floor : found.floor) floor = 0;
      Store& first = found.stores[0];
      first.value = now;
      first.time = 0;
      first.released.clear();
    }
    return &found;
  }
  return nullptr;
}

void WeakMemory::copy(VectorClock& to, const VectorClock& from) {
  if (to.capacity < from.size) {
    to.capacity = from.size + 4;
    to.times = clocks_.array<std::uint32_t>(to.capacity);
  }
  to.assign(from);
}

bool WeakMemory::has_seen(const Thread& thread, const Store& store) const {
  return store.time == 0 || store.time <= thread.clock.of(store.thread) ||
         store.time <= thread.fence_order.of(store.thread);
}

std::uint32_t WeakMemory::choices(const Thread& thread, std::uint64_t object, std::uint64_t now,
                                  bool sequential) {
  const Location* location = find(object, now);
  if (location == nullptr || thread.id >= watched_threads) return 1;
  std::uint32_t lowest = location->floor[thread.id];
  if (lowest < location->oldest) lowest = location->oldest;
  if (sequential && lowest < location->sequential) lowest = location->sequential;
  for (std::uint32_t number = location->newest; number > lowest; --number) {
    if (has_seen(thread, location->stores[number % depth])) lowest = number;
  }
  return location->newest - lowest + 1;
}

std::uint64_t WeakMemory::read(const Thread& thread, std::uint64_t object, std::uint32_t back,
                               const VectorClock*& released) {
  Location& location = locations_[(object >> 2U) % table_size];
  Location* found = &location;
  while (found->address != object || found->run != run_) {
    found = found + 1 == locations_ + table_size ? locations_ : found + 1;
  }
  const std::uint32_t number = found->newest - back;
  if (thread.id < watched_threads) found->floor[thread.id] = number;
  released = &found->stores[number % depth].released;
  return found->stores[number % depth].value;
}

void WeakMemory::wrote(const Thread& thread, std::uint64_t object, std::uint64_t before,
                       std::uint64_t after, bool sequential, const VectorClock& released) {
  Location* location = find(object, before);
  if (location == nullptr) return;
  const std::uint32_t number = ++location->newest;
  if (number - location->oldest >= depth) location->oldest = number - depth + 1;
  if (sequential) location->sequential = number;
  if (thread.id < watched_threads) location->floor[thread.id] = number;
  Store& store = location->stores[number % depth];
  store.value = after;
  store.time = thread.time;
  store.thread = thread.id;
  copy(store.released, released);
}

void WeakMemory::fence(Thread& thread) {
  VectorClock& order = thread.fence_order;
  const std::uint32_t needed = fences_.size > thread.clock.size ? fences_.size : thread.clock.size;
  for (VectorClock* clock : {&order, &fences_}) {
    if (clock->capacity >= needed) continue;
    VectorClock larger;
    larger.capacity = needed + 4;
    larger.times = clocks_.array<std::uint32_t>(larger.capacity);
    larger.assign(*clock);
    *clock = larger;
  }
  order.join(fences_);
  fences_.join(thread.clock);
}

}  // namespace contend::explore
