// What libatomic would do: atomics whose size no instruction has. Here each is one step, and
// sixteen bytes are no exception. Outside control one lock stands for libatomic's table of them.
#include <cstddef>

#include "races/explore/runtime/hooks.hpp"
#include "races/explore/runtime/platform.hpp"

// The compilers know functions of these names, with types of their own.
extern "C" {
void contend_load(std::size_t size, const void* object, void* into, int order) asm("__atomic_load");
void contend_store(std::size_t size, void* object, const void* from,
                   int order) asm("__atomic_store");
void contend_exchange(std::size_t size, void* object, const void* from, void* into,
                      int order) asm("__atomic_exchange");
bool contend_compare_exchange(std::size_t size, void* object, void* expected, const void* desired,
                              int order, int failure_order) asm("__atomic_compare_exchange");
unsigned __int128 contend_load_16(const void* object, int order) asm("__atomic_load_16");
void contend_store_16(void* object, unsigned __int128 value, int order) asm("__atomic_store_16");
unsigned __int128 contend_exchange_16(void* object, unsigned __int128 value,
                                      int order) asm("__atomic_exchange_16");
bool contend_compare_exchange_16(void* object, void* expected, unsigned __int128 desired, int order,
                                 int failure_order) asm("__atomic_compare_exchange_16");
}

namespace contend::explore {
namespace {

int busy = 0;

/// One operation on an object of any size: a step under control, else a turn with the lock.
class Turn {
 public:
  Turn(Op op, const void* object, std::uint64_t pc) {
    if (controlled) {
      scheduler.step({op, number(object), pc});
    } else {
      while (__sync_lock_test_and_set(&busy, 1) != 0) kernel(SYS_sched_yield);
    }
  }
  ~Turn() {
    if (!controlled) __sync_lock_release(&busy);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
};

bool equal(const void* a, const void* b, std::size_t size) {
  const auto* left = static_cast<const unsigned char*>(a);
  const auto* right = static_cast<const unsigned char*>(b);
  for (std::size_t i = 0; i < size; ++i) {
    if (left[i] != right[i]) return false;
  }
  return true;
}

// Enough of the value to tell a loop that sees the same from one that does not.
std::uint64_t digest(const void* object, std::size_t size) {
  const auto* bytes = static_cast<const unsigned char*>(object);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum = mix(sum ^ bytes[i]);
  return sum;
}

void check(const void* object, std::size_t size, bool write, std::uint64_t pc) {
  if (!controlled) return;
  scheduler.detector().access(scheduler.current(), {number(object), pc, write, true}, size);
}

void load(std::size_t size, const void* object, void* into, int order, std::uint64_t pc) {
  const Turn turn(Op::atomic_load, object, pc);
  check(object, size, false, pc);
  copy_bytes(into, object, size);
  if (!controlled) return;
  scheduler.detector().atomic_load(scheduler.current(), number(object), order);
  scheduler.saw(pc, number(object), digest(object, size));
}

void store(std::size_t size, void* object, const void* from, int order, std::uint64_t pc) {
  const Turn turn(Op::atomic_store, object, pc);
  check(object, size, true, pc);
  copy_bytes(object, from, size);
  if (controlled) {
    scheduler.detector().atomic_store(scheduler.current(), number(object), order);
    scheduler.works();
  }
}

void exchange(std::size_t size, void* object, const void* from, void* into, int order,
              std::uint64_t pc) {
  const Turn turn(Op::atomic_rmw, object, pc);
  check(object, size, true, pc);
  if (controlled) {
    if (equal(object, from, size)) {
      scheduler.saw(pc, number(object), digest(object, size));
    } else {
      scheduler.works();
    }
    scheduler.detector().atomic_change(scheduler.current(), number(object), order);
  }
  auto* target = static_cast<unsigned char*>(object);
  const auto* source = static_cast<const unsigned char*>(from);
  auto* result = static_cast<unsigned char*>(into);
  for (std::size_t i = 0; i < size; ++i) {
    const unsigned char fresh = source[i];  // `into` may be `from`
    result[i] = target[i];
    target[i] = fresh;
  }
}

bool compare_exchange(std::size_t size, void* object, void* expected, const void* desired,
                      int order, int failure_order, std::uint64_t pc) {
  const Turn turn(Op::atomic_rmw, object, pc);
  const bool same = equal(object, expected, size);
  check(object, size, same, pc);
  if (same) {
    if (controlled) {
      scheduler.detector().atomic_change(scheduler.current(), number(object), order);
      scheduler.works();
    }
    copy_bytes(object, desired, size);
    return true;
  }
  copy_bytes(expected, object, size);
  if (controlled) {
    scheduler.detector().atomic_load(scheduler.current(), number(object), failure_order);
    scheduler.saw(pc, number(object), digest(object, size));
  }
  return false;
}

}  // namespace
}  // namespace contend::explore

namespace explore = contend::explore;

void contend_load(std::size_t size, const void* object, void* into, int order) {
  explore::load(size, object, into, order, CONTEND_CALLER());
}

void contend_store(std::size_t size, void* object, const void* from, int order) {
  explore::store(size, object, from, order, CONTEND_CALLER());
}

void contend_exchange(std::size_t size, void* object, const void* from, void* into, int order) {
  explore::exchange(size, object, from, into, order, CONTEND_CALLER());
}

bool contend_compare_exchange(std::size_t size, void* object, void* expected, const void* desired,
                              int order, int failure_order) {
  return explore::compare_exchange(size, object, expected, desired, order, failure_order,
                                   CONTEND_CALLER());
}

unsigned __int128 contend_load_16(const void* object, int order) {
  unsigned __int128 value = 0;
  explore::load(sizeof value, object, &value, order, CONTEND_CALLER());
  return value;
}

void contend_store_16(void* object, unsigned __int128 value, int order) {
  explore::store(sizeof value, object, &value, order, CONTEND_CALLER());
}

unsigned __int128 contend_exchange_16(void* object, unsigned __int128 value, int order) {
  unsigned __int128 old = 0;
  explore::exchange(sizeof value, object, &value, &old, order, CONTEND_CALLER());
  return old;
}

bool contend_compare_exchange_16(void* object, void* expected, unsigned __int128 desired, int order,
                                 int failure_order) {
  return explore::compare_exchange(sizeof desired, object, expected, &desired, order, failure_order,
                                   CONTEND_CALLER());
}
