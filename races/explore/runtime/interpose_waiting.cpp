// Condition variables, semaphores, barriers, once, the guards of static locals, and the futex
// operations that std::atomic::wait, latches, futures and the like are made of.
#include <cerrno>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>

#include "races/explore/runtime/hooks.hpp"
#include "races/explore/runtime/interposed.hpp"
#include "races/explore/runtime/real.hpp"
#include "races/explore/runtime/time.hpp"

// A program without the C++ library throws nothing, and must link all the same.
asm(".weak __gxx_personality_v0, __cxa_begin_catch, _ZSt9terminatev");

namespace contend::explore {
namespace {

// A waiter of a condition may go on when it was woken and can have its mutex, in one step.
bool is_woken_with_mutex(const Thread& thread) {
  const auto* mutex = reinterpret_cast<const pthread_mutex_t*>(thread.step.argument);
  return thread.woken && mutex->__data.__lock == 0;
}

bool is_woken(const Thread& thread) {
  return thread.woken;
}

bool waits_for(const Thread& thread, Op op, std::uint64_t object) {
  return thread.live && !thread.woken && thread.step.op == op && thread.step.object == object;
}

// Wakes up to `most` waiters; which ones is a choice.
int wake(Op op, std::uint64_t object, int most) {
  int woken = 0;
  for (; woken < most; ++woken) {
    std::uint32_t waiting[max_threads];
    std::uint32_t count = 0;
    for (std::uint32_t i = 0; i < scheduler.thread_count(); ++i) {
      if (waits_for(scheduler.thread(i), op, object)) waiting[count++] = i;
    }
    if (count == 0) break;
    const bool all = static_cast<std::uint32_t>(most - woken) >= count;
    const std::uint32_t index = all ? 0 : scheduler.choose(ChoiceKind::waiter, count);
    scheduler.thread(waiting[index]).woken = true;
  }
  scheduler.changed();
  return woken;
}

bool semaphore_is_open(const Thread& thread) {
  int value = 0;
  real().sem_getvalue(reinterpret_cast<sem_t*>(thread.step.object), &value);
  return value > 0;
}

int wait_on_semaphore(sem_t* semaphore, std::int64_t deadline, std::uint64_t pc) {
  do {
    if (!scheduler.step(
            {Op::semaphore_wait, number(semaphore), pc, semaphore_is_open, 0, deadline})) {
      errno = ETIMEDOUT;
      return -1;
    }
  } while (real().sem_trywait(semaphore) != 0);
  scheduler.detector().acquire(scheduler.current(), number(semaphore));
  return 0;
}

/// Our barrier, kept in the program's pthread_barrier_t.
struct Barrier {
  std::uint32_t threshold;
  std::uint32_t arrived;
  std::uint32_t generation;
};
static_assert(sizeof(Barrier) <= sizeof(pthread_barrier_t));

bool barrier_is_open(const Thread& thread) {
  return reinterpret_cast<const Barrier*>(thread.step.object)->generation != thread.step.argument;
}

bool is_not_running(const Thread& thread) {
  return *reinterpret_cast<const volatile int*>(thread.step.object) != 1;
}

/// Leaves a once-object as never tried when its routine throws.
struct OnceAttempt {
  volatile int* state;
  bool done = false;
  ~OnceAttempt() {
    *state = done ? 2 : 0;
    scheduler.changed();
  }
};

bool guard_is_idle(const Thread& thread) {
  return reinterpret_cast<const volatile char*>(thread.step.object)[1] == 0;
}

long wait_on_futex(std::uint32_t* word, std::uint32_t value, std::int64_t deadline,
                   std::uint64_t pc) {
  Thread& self = scheduler.current();
  scheduler.step({Op::begin_wait, number(word), pc});
  if (__atomic_load_n(word, __ATOMIC_RELAXED) != value) {
    errno = EAGAIN;
    return -1;
  }
  self.woken = false;
  const bool woken =
      scheduler.step({Op::futex_wait, number(word), pc, is_woken, 0, deadline}) || self.woken;
  self.woken = false;
  if (woken) return 0;
  errno = ETIMEDOUT;
  return -1;
}

// FUTEX_WAIT counts from now, FUTEX_WAIT_BITSET to a moment.
std::int64_t futex_deadline(int operation, const timespec* time) {
  if (time == nullptr) return -1;
  if ((operation & FUTEX_CMD_MASK) == FUTEX_WAIT) {
    return scheduler.now() + time->tv_sec * 1'000'000'000 + time->tv_nsec;
  }
  const bool calendar = (operation & FUTEX_CLOCK_REALTIME) != 0;
  return virtual_deadline(calendar ? CLOCK_REALTIME : CLOCK_MONOTONIC, *time);
}

}  // namespace

int wait_on_condition(pthread_cond_t* condition, pthread_mutex_t* mutex, std::int64_t deadline,
                      std::uint64_t pc) {
  Thread& self = scheduler.current();
  Detector& detector = scheduler.detector();
  scheduler.step({Op::begin_wait, number(condition), pc});
  detector.release(self, number(mutex));
  scheduler.dropped(number(mutex));
  scheduler.changed();
  real().pthread_mutex_unlock(mutex);
  self.woken = false;
  const bool woken = scheduler.step({Op::wait, number(condition), pc, is_woken_with_mutex,
                                     number(mutex), deadline}) ||
                     self.woken;
  self.woken = false;
  if (real().pthread_mutex_trylock(mutex) == 0) {
    detector.acquire(self, number(mutex));
    scheduler.took(number(mutex), pc);
  } else {
    pthread_mutex_lock(mutex);
  }
  return woken ? 0 : ETIMEDOUT;
}

// Orders nothing by itself: what a waiter may rely on comes through the mutex.
int notify_condition(pthread_cond_t* condition, bool all, std::uint64_t pc) {
  scheduler.step({all ? Op::notify_all : Op::notify_one, number(condition), pc});
  wake(Op::wait, number(condition), all ? max_threads : 1);
  return 0;
}

int run_once(pthread_once_t* once, void (*routine)(), std::uint64_t pc) {
  volatile int* state = once;
  scheduler.step({Op::once, number(once), pc, is_not_running});
  if (*state != 2) {
    *state = 1;
    OnceAttempt attempt{state};
    routine();
    attempt.done = true;
    scheduler.detector().release(scheduler.current(), number(once));
  }
  scheduler.detector().acquire(scheduler.current(), number(once));
  return 0;
}

long futex(std::uint32_t* word, int operation, std::uint32_t value, const timespec* time,
           std::uint64_t pc) {
  switch (operation & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
      return wait_on_futex(word, value, futex_deadline(operation, time), pc);
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET: {
      scheduler.step({Op::futex_wake, number(word), pc});
      const int most =
          value > max_threads ? static_cast<int>(max_threads) : static_cast<int>(value);
      return wake(Op::futex_wait, number(word), most);
    }
    default:
      scheduler.uncontrolled("futex operation other than wait and wake");
  }
}

}  // namespace contend::explore

using namespace contend::explore;

extern "C" {

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  if (!controlled) return real().pthread_cond_wait(condition, mutex);
  return wait_on_condition(condition, mutex, -1, CONTEND_CALLER());
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const timespec* until) {
  if (!controlled) return real().pthread_cond_timedwait(condition, mutex, until);
  // glibc keeps the clock of pthread_condattr_setclock in bit 1 of this word.
  const bool monotonic = (condition->__data.__wrefs & 2U) != 0;
  return wait_on_condition(condition, mutex,
                           virtual_deadline(monotonic ? CLOCK_MONOTONIC : CLOCK_REALTIME, *until),
                           CONTEND_CALLER());
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                           const timespec* until) {
  if (!controlled) return real().pthread_cond_clockwait(condition, mutex, clock, until);
  return wait_on_condition(condition, mutex, virtual_deadline(clock, *until), CONTEND_CALLER());
}

int pthread_cond_signal(pthread_cond_t* condition) {
  if (!controlled) return real().pthread_cond_signal(condition);
  return notify_condition(condition, false, CONTEND_CALLER());
}

int pthread_cond_broadcast(pthread_cond_t* condition) {
  if (!controlled) return real().pthread_cond_broadcast(condition);
  return notify_condition(condition, true, CONTEND_CALLER());
}

int sem_wait(sem_t* semaphore) {
  if (!controlled) return real().sem_wait(semaphore);
  return wait_on_semaphore(semaphore, -1, CONTEND_CALLER());
}

int sem_timedwait(sem_t* semaphore, const timespec* until) {
  if (!controlled) return real().sem_timedwait(semaphore, until);
  return wait_on_semaphore(semaphore, virtual_deadline(CLOCK_REALTIME, *until), CONTEND_CALLER());
}

int sem_clockwait(sem_t* semaphore, clockid_t clock, const timespec* until) {
  if (!controlled) return real().sem_clockwait(semaphore, clock, until);
  return wait_on_semaphore(semaphore, virtual_deadline(clock, *until), CONTEND_CALLER());
}

int sem_trywait(sem_t* semaphore) {
  if (!controlled) return real().sem_trywait(semaphore);
  const std::uint64_t pc = CONTEND_CALLER();
  scheduler.step({Op::trylock, number(semaphore), pc});
  const int failed = real().sem_trywait(semaphore);
  if (failed == 0) {
    scheduler.detector().acquire(scheduler.current(), number(semaphore));
  } else {
    scheduler.saw(pc, number(semaphore), 1);
  }
  return failed;
}

int sem_post(sem_t* semaphore) {
  if (!controlled) return real().sem_post(semaphore);
  scheduler.step({Op::semaphore_post, number(semaphore), CONTEND_CALLER()});
  scheduler.detector().release(scheduler.current(), number(semaphore));
  scheduler.changed();
  return real().sem_post(semaphore);
}

int pthread_barrier_init(pthread_barrier_t* barrier, const pthread_barrierattr_t* attributes,
                         unsigned count) {
  if (!controlled) return real().pthread_barrier_init(barrier, attributes, count);
  if (count == 0) return EINVAL;
  *reinterpret_cast<Barrier*>(barrier) = {count, 0, 0};
  return 0;
}

int pthread_barrier_destroy(pthread_barrier_t*) {
  return 0;  // neither ours nor, outside control, glibc's holds anything
}

int pthread_barrier_wait(pthread_barrier_t* object) {
  if (!controlled) return real().pthread_barrier_wait(object);
  auto* barrier = reinterpret_cast<Barrier*>(object);
  Detector& detector = scheduler.detector();
  detector.release(scheduler.current(), number(object));
  const std::uint32_t generation = barrier->generation;
  if (++barrier->arrived == barrier->threshold) {
    barrier->arrived = 0;
    ++barrier->generation;
    scheduler.changed();
    detector.acquire(scheduler.current(), number(object));
    return PTHREAD_BARRIER_SERIAL_THREAD;
  }
  scheduler.step({Op::barrier, number(object), CONTEND_CALLER(), barrier_is_open, generation});
  detector.acquire(scheduler.current(), number(object));
  return 0;
}

int pthread_once(pthread_once_t* once, void (*routine)()) {
  if (!controlled) return real().pthread_once(once, routine);
  return run_once(once, routine, CONTEND_CALLER());
}

// The first byte of a guard says "initialised", as the ABI has it; the second, "somebody is at it".
int __cxa_guard_acquire(char* guard) {
  if (controlled) scheduler.step({Op::guard, number(guard), CONTEND_CALLER(), guard_is_idle});
  if (controlled) scheduler.detector().acquire(scheduler.current(), number(guard));
  if (__atomic_load_n(&guard[0], __ATOMIC_ACQUIRE) != 0) return 0;
  while (!controlled && __atomic_exchange_n(&guard[1], 1, __ATOMIC_ACQUIRE) != 0) {
    real().sched_yield();
    if (__atomic_load_n(&guard[0], __ATOMIC_ACQUIRE) != 0) return 0;
  }
  guard[1] = 1;
  return 1;
}

void __cxa_guard_release(char* guard) {
  if (controlled) scheduler.detector().release(scheduler.current(), number(guard));
  __atomic_store_n(&guard[0], 1, __ATOMIC_RELEASE);
  __atomic_store_n(&guard[1], 0, __ATOMIC_RELEASE);
  scheduler.changed();
}

void __cxa_guard_abort(char* guard) {
  __atomic_store_n(&guard[1], 0, __ATOMIC_RELEASE);
  scheduler.changed();
}

}  // extern "C"
