// The compiler's calls for atomics, in every size and order. Each is a step; then the operation is
// done for real, since nobody else runs meanwhile.
#include "races/explore/runtime/hooks.hpp"

namespace contend::explore {
namespace {

using Wide = unsigned __int128;

template <class T>
std::uint64_t visible(T value) {
  if constexpr (sizeof(T) > 8) {
    return static_cast<std::uint64_t>(value) ^ static_cast<std::uint64_t>(value >> 64U);
  } else {
    return static_cast<std::uint64_t>(value);
  }
}

template <class T>
void check_access(T* object, bool write, std::uint64_t pc) {
  scheduler.detector().access(scheduler.current(), {number(object), pc, write, true}, sizeof(T));
}

// Outside control, where threads are real. This builtin is inline in all sizes; the newer ones call
// libatomic for sixteen bytes.
template <class T>
T compare_and_swap(T* object, T expected, T desired) {
  return __sync_val_compare_and_swap(object, expected, desired);
}

template <class T, class Change>
T exchange(T* object, const Change& next) {
  T old = compare_and_swap(object, T{0}, T{0});
  for (;;) {
    const T seen = compare_and_swap(object, old, next(old));
    if (seen == old) return old;
    old = seen;
  }
}

// One thread runs at a time, and no signal handler of the program meets these between two
// instructions that matter; sixteen bytes need no lock for the same reason.
template <class T>
bool is_weak() {
  return sizeof(T) <= 8 && scheduler.instruction().weak_memory;
}

template <class T>
T load_newest(const T* object, int order) {
  scheduler.detector().atomic_load(scheduler.current(), number(object), order);
  return *object;
}

// Which of the values that the model allows is a choice; the newest is the first.
template <class T>
T load_weakly(const T* object, int order) {
  WeakMemory& memory = scheduler.weak_memory();
  const Thread& self = scheduler.current();
  const std::uint32_t count =
      memory.choices(self, number(object), visible(*object), order == __ATOMIC_SEQ_CST);
  if (count == 1) return load_newest(object, order);
  const std::uint32_t back = scheduler.choose(ChoiceKind::other, count);
  const VectorClock* released = nullptr;
  const std::uint64_t value = memory.read(self, number(object), back, released);
  scheduler.detector().load_of(scheduler.current(), *released, order);
  return static_cast<T>(value);
}

template <class T>
void note_store(const T* object, T before, T after, int order) {
  if (!is_weak<T>()) return;
  scheduler.weak_memory().wrote(scheduler.current(), number(object), visible(before),
                                visible(after), order == __ATOMIC_SEQ_CST,
                                scheduler.detector().released(number(object)));
}

template <class T>
T load(const volatile T* object, int order, std::uint64_t pc) {
  T* plain = const_cast<T*>(object);
  if (!controlled) return compare_and_swap(plain, T{0}, T{0});
  scheduler.step({Op::atomic_load, number(object), pc});
  check_access(plain, false, pc);
  const T value = is_weak<T>() ? load_weakly(plain, order) : load_newest(plain, order);
  scheduler.saw(pc, number(object), visible(value));
  return value;
}

template <class T>
void store(volatile T* object, T value, int order, std::uint64_t pc) {
  T* plain = const_cast<T*>(object);
  if (controlled) {
    scheduler.step({Op::atomic_store, number(object), pc});
    check_access(plain, true, pc);
    scheduler.detector().atomic_store(scheduler.current(), number(object), order);
    note_store(plain, *plain, value, order);
    if (*plain != value) scheduler.works();
    *plain = value;
  } else {
    exchange(plain, [=](T) { return value; });
  }
}

template <class T, class Change>
T change(volatile T* object, int order, std::uint64_t pc, const Change& next) {
  T* plain = const_cast<T*>(object);
  if (!controlled) return exchange(plain, next);
  scheduler.step({Op::atomic_rmw, number(object), pc});
  check_access(plain, true, pc);
  scheduler.detector().atomic_change(scheduler.current(), number(object), order);
  const T old = *plain;
  *plain = next(old);
  note_store(plain, old, *plain, order);
  if (*plain == old) {
    scheduler.saw(pc, number(object), visible(old));
  } else {
    scheduler.works();
  }
  return old;
}

template <class T>
bool compare_exchange(volatile T* object, T* expected, T desired, int order, int failure_order,
                      std::uint64_t pc) {
  T* plain = const_cast<T*>(object);
  if (!controlled) {
    const T old = compare_and_swap(plain, *expected, desired);
    const bool equal = old == *expected;
    *expected = old;
    return equal;
  }
  scheduler.step({Op::atomic_rmw, number(object), pc});
  const T old = *plain;
  const bool equal = old == *expected;
  check_access(plain, equal, pc);
  if (equal) {
    scheduler.detector().atomic_change(scheduler.current(), number(object), order);
    *plain = desired;
    scheduler.works();
    note_store(plain, old, desired, order);
  } else {
    scheduler.detector().atomic_load(scheduler.current(), number(object), failure_order);
    *expected = old;
    scheduler.saw(pc, number(object), visible(old));
  }
  return equal;
}

}  // namespace
}  // namespace contend::explore

using contend::explore::change;
using contend::explore::compare_exchange;
using contend::explore::controlled;
using contend::explore::load;
using contend::explore::scheduler;
using contend::explore::store;

#define CONTEND_CHANGE(bits, T, name, expression)                                         \
  T __tsan_atomic##bits##_##name(volatile T* object, T value, int order) {                \
    return change<T>(object, order, CONTEND_CALLER(),                                     \
                     [=]([[maybe_unused]] T old) { return static_cast<T>(expression); }); \
  }

#define CONTEND_ATOMIC(bits, T)                                                                    \
  T __tsan_atomic##bits##_load(const volatile T* object, int order) {                              \
    return load<T>(object, order, CONTEND_CALLER());                                               \
  }                                                                                                \
  void __tsan_atomic##bits##_store(volatile T* object, T value, int order) {                       \
    store<T>(object, value, order, CONTEND_CALLER());                                              \
  }                                                                                                \
  CONTEND_CHANGE(bits, T, exchange, value)                                                         \
  CONTEND_CHANGE(bits, T, fetch_add, old + value)                                                  \
  CONTEND_CHANGE(bits, T, fetch_sub, old - value)                                                  \
  CONTEND_CHANGE(bits, T, fetch_and, old& value)                                                   \
  CONTEND_CHANGE(bits, T, fetch_or, old | value)                                                   \
  CONTEND_CHANGE(bits, T, fetch_xor, old ^ value)                                                  \
  CONTEND_CHANGE(bits, T, fetch_nand, ~(old & value))                                              \
  int __tsan_atomic##bits##_compare_exchange_strong(volatile T* object, T* expected, T desired,    \
                                                    int order, int failure_order) {                \
    return compare_exchange<T>(object, expected, desired, order, failure_order, CONTEND_CALLER()); \
  }                                                                                                \
  int __tsan_atomic##bits##_compare_exchange_weak(volatile T* object, T* expected, T desired,      \
                                                  int order, int failure_order) {                  \
    return compare_exchange<T>(object, expected, desired, order, failure_order, CONTEND_CALLER()); \
  }                                                                                                \
  T __tsan_atomic##bits##_compare_exchange_val(volatile T* object, T expected, T desired,          \
                                               int order, int failure_order) {                     \
    compare_exchange<T>(object, &expected, desired, order, failure_order, CONTEND_CALLER());       \
    return expected;                                                                               \
  }

extern "C" {

CONTEND_ATOMIC(8, unsigned char)
CONTEND_ATOMIC(16, unsigned short)
CONTEND_ATOMIC(32, unsigned int)
CONTEND_ATOMIC(64, unsigned long)
CONTEND_ATOMIC(128, unsigned __int128)

// A fence orders other accesses, and those are steps already.
void __tsan_atomic_thread_fence(int order) {
  if (!controlled) return;
  scheduler.detector().fence(scheduler.current(), order);
  if (order == __ATOMIC_SEQ_CST) scheduler.weak_memory().fence(scheduler.current());
}
void __tsan_atomic_signal_fence(int) {}

}  // extern "C"
