// Mutexes, readers-writer locks and spin locks. The real object is used, always by its trying
// function, so every kind of it (recursive, error-checking, static) behaves as documented; who
// waits is ours.
#include <cerrno>
#include <pthread.h>

#include "races/explore/runtime/hooks.hpp"
#include "races/explore/runtime/interposed.hpp"
#include "races/explore/runtime/real.hpp"
#include "races/explore/runtime/time.hpp"

namespace contend::explore {
namespace {

void acquired(const volatile void* lock, std::uint64_t pc) {
  scheduler.detector().acquire(scheduler.current(), number(lock));
  scheduler.took(number(lock), pc);
}

void about_to_release(const volatile void* lock, std::uint64_t pc) {
  const Step unlock{Op::unlock, number(lock), pc};
  scheduler.must_be_alive(unlock);
  if (scheduler.instruction().unlock_points) scheduler.step(unlock);
  scheduler.detector().release(scheduler.current(), number(lock));
  scheduler.dropped(number(lock));
  scheduler.changed();
}

// glibc's own field: whether anybody holds it. Only the answer for the waiter itself may differ,
// when it holds a mutex of a kind that lets it in, or tells it off, a second time.
bool mutex_is_free(const Thread& thread) {
  const auto* mutex = reinterpret_cast<const pthread_mutex_t*>(thread.step.object);
  return mutex->__data.__lock == 0 || thread.reentrant;
}

using TryRead = int (*)(pthread_rwlock_t*);

// Trying and letting go again is the only question one can ask; nobody sees it.
template <bool exclusive>
bool rwlock_is_free(const Thread& thread) {
  auto* lock = reinterpret_cast<pthread_rwlock_t*>(thread.step.object);
  const TryRead attempt =
      exclusive ? real().pthread_rwlock_trywrlock : real().pthread_rwlock_tryrdlock;
  if (attempt(lock) != 0) return false;
  real().pthread_rwlock_unlock(lock);
  return true;
}

template <bool exclusive>
int lock_rwlock(pthread_rwlock_t* lock, std::int64_t deadline, std::uint64_t pc) {
  constexpr Op op = exclusive ? Op::write_lock : Op::read_lock;
  for (;;) {
    if (!scheduler.step({op, number(lock), pc, rwlock_is_free<exclusive>, 0, deadline})) {
      return ETIMEDOUT;
    }
    const int failed =
        exclusive ? real().pthread_rwlock_trywrlock(lock) : real().pthread_rwlock_tryrdlock(lock);
    if (failed == EBUSY) continue;
    if (failed == 0) acquired(lock, pc);
    return failed;
  }
}

template <bool exclusive>
int try_rwlock(pthread_rwlock_t* lock, std::uint64_t pc) {
  scheduler.saw_probe();
  scheduler.step({Op::trylock, number(lock), pc});
  const int failed =
      exclusive ? real().pthread_rwlock_trywrlock(lock) : real().pthread_rwlock_tryrdlock(lock);
  if (failed == 0) {
    acquired(lock, pc);
  } else {
    scheduler.saw(pc, number(lock), 1);
  }
  return failed;
}

bool spin_is_free(const Thread& thread) {
  auto* lock = reinterpret_cast<pthread_spinlock_t*>(thread.step.object);
  if (real().pthread_spin_trylock(lock) != 0) return false;
  real().pthread_spin_unlock(lock);
  return true;
}

}  // namespace

int lock_mutex(pthread_mutex_t* mutex, std::int64_t deadline, std::uint64_t pc) {
  Thread& self = scheduler.current();
  constexpr int kind_bits = 3;
  const int kind = mutex->__data.__kind & kind_bits;
  self.reentrant = mutex->__data.__owner == self.kernel_id &&
                   (kind == PTHREAD_MUTEX_RECURSIVE || kind == PTHREAD_MUTEX_ERRORCHECK);
  if (self.reentrant && kind == PTHREAD_MUTEX_ERRORCHECK) return EDEADLK;
  for (;;) {
    if (!scheduler.step({Op::lock, number(mutex), pc, mutex_is_free, 0, deadline})) {
      return ETIMEDOUT;
    }
    const int failed = real().pthread_mutex_trylock(mutex);
    if (failed == EBUSY) continue;
    if (failed == 0 || failed == EOWNERDEAD) acquired(mutex, pc);
    return failed;
  }
}

int try_mutex(pthread_mutex_t* mutex, std::uint64_t pc) {
  scheduler.saw_probe();
  scheduler.step({Op::trylock, number(mutex), pc});
  const int failed = real().pthread_mutex_trylock(mutex);
  if (failed == 0) {
    acquired(mutex, pc);
  } else {
    scheduler.saw(pc, number(mutex), 1);
  }
  return failed;
}

int unlock_mutex(pthread_mutex_t* mutex, std::uint64_t pc) {
  about_to_release(mutex, pc);
  return real().pthread_mutex_unlock(mutex);
}

}  // namespace contend::explore

using namespace contend::explore;

extern "C" {

int pthread_mutex_lock(pthread_mutex_t* mutex) {
  if (!controlled) return real().pthread_mutex_lock(mutex);
  return lock_mutex(mutex, -1, CONTEND_CALLER());
}

int pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* until) {
  if (!controlled) return real().pthread_mutex_timedlock(mutex, until);
  scheduler.saw_probe();
  return lock_mutex(mutex, virtual_deadline(CLOCK_REALTIME, *until), CONTEND_CALLER());
}

int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock, const timespec* until) {
  if (!controlled) return real().pthread_mutex_clocklock(mutex, clock, until);
  scheduler.saw_probe();
  return lock_mutex(mutex, virtual_deadline(clock, *until), CONTEND_CALLER());
}

int pthread_mutex_trylock(pthread_mutex_t* mutex) {
  if (!controlled) return real().pthread_mutex_trylock(mutex);
  return try_mutex(mutex, CONTEND_CALLER());
}

int pthread_mutex_unlock(pthread_mutex_t* mutex) {
  if (!controlled) return real().pthread_mutex_unlock(mutex);
  return unlock_mutex(mutex, CONTEND_CALLER());
}

int pthread_rwlock_rdlock(pthread_rwlock_t* lock) {
  if (!controlled) return real().pthread_rwlock_rdlock(lock);
  return lock_rwlock<false>(lock, -1, CONTEND_CALLER());
}

int pthread_rwlock_wrlock(pthread_rwlock_t* lock) {
  if (!controlled) return real().pthread_rwlock_wrlock(lock);
  return lock_rwlock<true>(lock, -1, CONTEND_CALLER());
}

int pthread_rwlock_timedrdlock(pthread_rwlock_t* lock, const timespec* until) {
  if (!controlled) return real().pthread_rwlock_timedrdlock(lock, until);
  return lock_rwlock<false>(lock, virtual_deadline(CLOCK_REALTIME, *until), CONTEND_CALLER());
}

int pthread_rwlock_timedwrlock(pthread_rwlock_t* lock, const timespec* until) {
  if (!controlled) return real().pthread_rwlock_timedwrlock(lock, until);
  return lock_rwlock<true>(lock, virtual_deadline(CLOCK_REALTIME, *until), CONTEND_CALLER());
}

int pthread_rwlock_clockrdlock(pthread_rwlock_t* lock, clockid_t clock, const timespec* until) {
  if (!controlled) return real().pthread_rwlock_clockrdlock(lock, clock, until);
  return lock_rwlock<false>(lock, virtual_deadline(clock, *until), CONTEND_CALLER());
}

int pthread_rwlock_clockwrlock(pthread_rwlock_t* lock, clockid_t clock, const timespec* until) {
  if (!controlled) return real().pthread_rwlock_clockwrlock(lock, clock, until);
  return lock_rwlock<true>(lock, virtual_deadline(clock, *until), CONTEND_CALLER());
}

int pthread_rwlock_tryrdlock(pthread_rwlock_t* lock) {
  if (!controlled) return real().pthread_rwlock_tryrdlock(lock);
  return try_rwlock<false>(lock, CONTEND_CALLER());
}

int pthread_rwlock_trywrlock(pthread_rwlock_t* lock) {
  if (!controlled) return real().pthread_rwlock_trywrlock(lock);
  return try_rwlock<true>(lock, CONTEND_CALLER());
}

int pthread_rwlock_unlock(pthread_rwlock_t* lock) {
  if (controlled) about_to_release(lock, CONTEND_CALLER());
  return real().pthread_rwlock_unlock(lock);
}

int pthread_spin_lock(pthread_spinlock_t* lock) {
  if (!controlled) return real().pthread_spin_lock(lock);
  const std::uint64_t pc = CONTEND_CALLER();
  do {
    scheduler.step({Op::lock, number(lock), pc, spin_is_free});
  } while (real().pthread_spin_trylock(lock) != 0);
  acquired(lock, pc);
  return 0;
}

int pthread_spin_trylock(pthread_spinlock_t* lock) {
  if (!controlled) return real().pthread_spin_trylock(lock);
  const std::uint64_t pc = CONTEND_CALLER();
  scheduler.saw_probe();
  scheduler.step({Op::trylock, number(lock), pc});
  const int failed = real().pthread_spin_trylock(lock);
  if (failed == 0) acquired(lock, pc);
  return failed;
}

int pthread_spin_unlock(pthread_spinlock_t* lock) {
  if (controlled) about_to_release(lock, CONTEND_CALLER());
  return real().pthread_spin_unlock(lock);
}

}  // extern "C"
