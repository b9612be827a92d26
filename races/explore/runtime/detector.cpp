#include "races/explore/runtime/detector.hpp"

#include <atomic>

#include "races/explore/runtime/platform.hpp"

namespace contend::explore {
namespace {

bool acquires(int order) {
  return order != __ATOMIC_RELAXED && order != __ATOMIC_RELEASE;
}
bool releases(int order) {
  return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}

std::uint16_t count_bytes(std::uint8_t bytes) {
  return static_cast<std::uint16_t>(__builtin_popcount(bytes));
}

}  // namespace

void Detector::begin(Shared& shared, Contexts& contexts, OnUseAfterFree on_use_after_free) {
  shared_ = &shared;
  on_use_after_free_ = on_use_after_free;
  contexts_ = &contexts;
  shadow_.begin();
  clocks_.reserve(std::size_t{1} << 28U);
  objects_ = static_cast<Object*>(map_pages(table_size * sizeof(Object)));
}

void Detector::next_execution() {
  ++run_;
  object_count_ = 0;
  known_count_ = 0;
  shadow_.next_execution();
}

// The storage of a clock is kept between executions and doubled when more threads live.
void Detector::make_room(VectorClock& clock, std::uint32_t size) {
  if (size <= clock.capacity) return;
  std::uint32_t capacity = clock.capacity == 0 ? 4 : clock.capacity;
  while (capacity < size) capacity *= 2;
  std::uint32_t* times = clocks_.array<std::uint32_t>(capacity);
  for (std::uint32_t i = 0; i < clock.size; ++i) times[i] = clock.times[i];
  clock.times = times;
  clock.capacity = capacity;
}

void Detector::join(VectorClock& into, const VectorClock& from) {
  make_room(into, from.size);
  into.join(from);
}

void Detector::start(Thread& thread) {
  thread.clock.clear();
  thread.fence_release.clear();
  thread.fence_acquire.clear();
  thread.time = 1;
  make_room(thread.clock, thread.id + 1U);
  thread.clock.set(thread.id, 1);
}

void Detector::tick(Thread& thread) {
  thread.clock.set(thread.id, ++thread.time);
}

void Detector::created(Thread& parent, Thread& child) {
  join(child.clock, parent.clock);
  tick(parent);
}

void Detector::joined(Thread& waiter, const Thread& ended) {
  join(waiter.clock, ended.clock);
}

Detector::Object* Detector::find(std::uint64_t address) {
  std::uint64_t at = (address >> 3U) & (table_size - 1);  // neighbours share pages of the table
  while (objects_[at].run == run_ && objects_[at].address != address) {
    at = (at + 1) & (table_size - 1);
  }
  return &objects_[at];
}

VectorClock& Detector::object(std::uint64_t address) {
  Object* found = find(address);
  if (found->run != run_) {
    if (++object_count_ > table_size / 4 * 3) give_up("more than 49,152 locks and atomics");
    found->run = run_;
    found->address = address;
    found->released.clear();
  }
  return found->released;
}

bool Detector::is_freed(std::uint64_t address) {
  const Shadow::Cell* cell = shadow_.find(address);
  return cell != nullptr && cell->head != 0 && shadow_.at(cell->head).freed;
}

void Detector::acquire(Thread& thread, std::uint64_t object) {
  const Object* found = find(object);
  if (found->run == run_) join(thread.clock, found->released);
}

void Detector::release(Thread& thread, std::uint64_t object_address) {
  join(object(object_address), thread.clock);
  tick(thread);
}

void Detector::atomic_load(Thread& thread, std::uint64_t object, int order) {
  const Object* found = find(object);
  if (found->run == run_) load_of(thread, found->released, order);
}

void Detector::load_of(Thread& thread, const VectorClock& released, int order) {
  if (released.size == 0) return;
  join(acquires(order) ? thread.clock : thread.fence_acquire, released);
}

void Detector::atomic_store(Thread& thread, std::uint64_t object_address, int order) {
  VectorClock& released = object(object_address);
  released.clear();  // a plain store ends the release sequence that it overwrites
  if (releases(order)) {
    join(released, thread.clock);
    tick(thread);
  } else {
    join(released, thread.fence_release);
  }
}

void Detector::atomic_change(Thread& thread, std::uint64_t object_address, int order) {
  atomic_load(thread, object_address, order);
  VectorClock& released = object(object_address);
  if (releases(order)) {
    join(released, thread.clock);
    tick(thread);
  } else {
    join(released, thread.fence_release);
  }
}

void Detector::fence(Thread& thread, int order) {
  if (acquires(order)) join(thread.clock, thread.fence_acquire);
  if (releases(order)) {
    make_room(thread.fence_release, thread.clock.size);
    thread.fence_release.assign(thread.clock);
    tick(thread);
  }
}

void Detector::access(Thread& thread, const Touch& touch, std::uint64_t size) {
  if ((touch.write ? thread.ignored_writes : thread.ignored_reads) > 0 && !touch.freed) return;
  std::uint64_t address = touch.address;
  std::uint64_t left = size;
  while (left > 0) {
    const std::uint64_t offset = address & 7U;
    const std::uint64_t here = left < 8 - offset ? left : 8 - offset;
    access_cell(thread, touch, address, static_cast<std::uint8_t>(((1U << here) - 1U) << offset));
    address += here;
    left -= here;
  }
}

// The cell keeps, for each byte, the accesses that a later one can still race with. A plain write
// replaces all that it is ordered after; a read only reads; what is atomic never replaces what is
// not.
void Detector::access_cell(Thread& thread, const Touch& touch, std::uint64_t address,
                           std::uint8_t bytes) {
  Shadow::Cell& cell = shadow_.cell(address);
  std::uint32_t* link = &cell.head;
  while (*link != 0) {
    Remembered& old = shadow_.at(*link);
    const bool mine = old.thread == thread.id;
    const auto common = static_cast<std::uint8_t>(old.bytes & bytes);
    if (common == 0) {
      link = &old.next;
      continue;
    }
    const bool before = mine || old.time <= thread.clock.of(old.thread);
    if (old.freed && !touch.freed) {
      report(thread, touch, address, common, old);
      on_use_after_free_();
    }
    if (!before && (old.write || touch.write) && !(old.atomic && touch.atomic)) {
      report(thread, touch, address, common, old);
    }
    const bool replaces = (touch.write || !old.write) && (!touch.atomic || old.atomic);
    if (replaces && (before || touch.write)) {
      if (mine && old.time == thread.time && old.bytes == bytes && old.pc == touch.pc &&
          old.write == touch.write && old.atomic == touch.atomic) {
        return;  // the same again, nothing in between
      }
      old.bytes = static_cast<std::uint8_t>(old.bytes & ~bytes);
    }
    if (old.bytes == 0) {
      const std::uint32_t gone = *link;
      *link = old.next;
      shadow_.release(gone);
    } else {
      link = &old.next;
    }
  }
  const std::uint32_t index = shadow_.take();
  Remembered& fresh = shadow_.at(index);
  fresh = {touch.pc, thread.context, thread.time,  cell.head,  thread.id,
           bytes,    touch.write,    touch.atomic, touch.freed};
  cell.head = index;
}

void Detector::let_race(std::uint64_t address, std::uint64_t size) {
  if (is_known(address, size)) return;
  if (known_count_ == most_known) give_up("more than 256 annotated races");
  known_[known_count_++] = {address, address + size};
}

bool Detector::is_known(std::uint64_t address, std::uint64_t size) const {
  for (std::uint32_t i = 0; i < known_count_; ++i) {
    if (address < known_[i].end && address + size > known_[i].begin) return true;
  }
  return false;
}

void Detector::report(const Thread& thread, const Touch& touch, std::uint64_t address,
                      std::uint8_t bytes, const Remembered& earlier) {
  Result& result = shared_->result;
  for (std::uint32_t i = 0; i < result.race_count; ++i) {
    const Race& known = shared_->races[i];
    if (known.earlier.stack.pc[0] == earlier.pc && known.later.stack.pc[0] == touch.pc) return;
  }
  const std::uint64_t first = (address & ~7ULL) + static_cast<std::uint64_t>(__builtin_ctz(bytes));
  if (result.race_count == max_races || is_known(first, count_bytes(bytes))) return;
  Race& race = shared_->races[result.race_count++];
  race.address = first;
  race.earlier.thread = earlier.thread;
  race.earlier.size = count_bytes(earlier.bytes);
  race.earlier.write = earlier.write;
  race.earlier.atomic = earlier.atomic;
  race.earlier.freed = earlier.freed;
  contexts_->unwind(earlier.context, earlier.pc, race.earlier.stack);
  race.later.thread = thread.id;
  race.later.size = count_bytes(bytes);
  race.later.write = touch.write;
  race.later.atomic = touch.atomic;
  race.later.freed = touch.freed;
  if (shared_->instruction.stop_at_race) stop_for_debugger();
  contexts_->unwind(thread.context, touch.pc, race.later.stack);
}

}  // namespace contend::explore
