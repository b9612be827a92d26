// The threads of C11. In glibc a mtx_t is a pthread_mutex_t, a cnd_t a pthread_cond_t, and so on;
// its own functions call each other inside libc, where nobody can stand in front of them.
#include <cerrno>
#include <threads.h>

#include "races/explore/runtime/hooks.hpp"
#include "races/explore/runtime/interposed.hpp"
#include "races/explore/runtime/real.hpp"
#include "races/explore/runtime/thread_end.hpp"
#include "races/explore/runtime/time.hpp"

namespace contend::explore {
namespace {

static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t));
static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t));
static_assert(sizeof(once_flag) == sizeof(pthread_once_t));

pthread_mutex_t* posix(mtx_t* mutex) {
  return reinterpret_cast<pthread_mutex_t*>(mutex);
}
pthread_cond_t* posix(cnd_t* condition) {
  return reinterpret_cast<pthread_cond_t*>(condition);
}

int code_of(int failed) {
  switch (failed) {
    case 0:
      return thrd_success;
    case ENOMEM:
      return thrd_nomem;
    case ETIMEDOUT:
      return thrd_timedout;
    case EBUSY:
      return thrd_busy;
    default:
      return thrd_error;
  }
}

// Called as if it returned a pointer: what it returns is the lower half of the same register.
using Routine = void* (*)(void*);

}  // namespace
}  // namespace contend::explore

using namespace contend::explore;

extern "C" {

int thrd_create(thrd_t* handle, thrd_start_t routine, void* argument) {
  if (!controlled) return real().thrd_create(handle, routine, argument);
  return code_of(scheduler.create(reinterpret_cast<Routine>(reinterpret_cast<void*>(routine)),
                                  argument, false, Scheduler::least_stack, CONTEND_CALLER(),
                                  handle));
}

int thrd_join(thrd_t handle, int* result) {
  if (!controlled) return real().thrd_join(handle, result);
  void* value = nullptr;
  const int failed = join_thread(handle, &value, -1, CONTEND_CALLER());
  if (failed == 0 && result != nullptr) *result = static_cast<int>(number(value));
  return code_of(failed);
}

int thrd_detach(thrd_t handle) {
  return controlled ? code_of(detach_thread(handle)) : real().thrd_detach(handle);
}

void thrd_exit(int result) {
  if (!controlled) real().thrd_exit(result);
  exit_thread(reinterpret_cast<void*>(static_cast<std::intptr_t>(result)));
}

int thrd_sleep(const timespec* duration, timespec* left) {
  if (!controlled) return real().thrd_sleep(duration, left);
  return nanosleep(duration, left);
}

void thrd_yield() {
  if (!controlled) return real().thrd_yield();
  scheduler.yield({Op::yield, 0, CONTEND_CALLER()});
}

int mtx_lock(mtx_t* mutex) {
  if (!controlled) return real().mtx_lock(mutex);
  return code_of(lock_mutex(posix(mutex), -1, CONTEND_CALLER()));
}

int mtx_timedlock(mtx_t* mutex, const timespec* until) {
  if (!controlled) return real().mtx_timedlock(mutex, until);
  scheduler.saw_probe();
  return code_of(
      lock_mutex(posix(mutex), virtual_deadline(CLOCK_REALTIME, *until), CONTEND_CALLER()));
}

int mtx_trylock(mtx_t* mutex) {
  if (!controlled) return real().mtx_trylock(mutex);
  return code_of(try_mutex(posix(mutex), CONTEND_CALLER()));
}

int mtx_unlock(mtx_t* mutex) {
  if (!controlled) return real().mtx_unlock(mutex);
  return code_of(unlock_mutex(posix(mutex), CONTEND_CALLER()));
}

int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  if (!controlled) return real().cnd_wait(condition, mutex);
  return code_of(wait_on_condition(posix(condition), posix(mutex), -1, CONTEND_CALLER()));
}

int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  if (!controlled) return real().cnd_timedwait(condition, mutex, until);
  return code_of(wait_on_condition(posix(condition), posix(mutex),
                                   virtual_deadline(CLOCK_REALTIME, *until), CONTEND_CALLER()));
}

int cnd_signal(cnd_t* condition) {
  if (!controlled) return real().cnd_signal(condition);
  return code_of(notify_condition(posix(condition), false, CONTEND_CALLER()));
}

int cnd_broadcast(cnd_t* condition) {
  if (!controlled) return real().cnd_broadcast(condition);
  return code_of(notify_condition(posix(condition), true, CONTEND_CALLER()));
}

void call_once(once_flag* once, void (*routine)()) {
  if (!controlled) return real().call_once(once, routine);
  run_once(reinterpret_cast<pthread_once_t*>(once), routine, CONTEND_CALLER());
}

int tss_create(tss_t* key, tss_dtor_t destroy) {
  if (!controlled) return real().tss_create(key, destroy);
  return code_of(create_key(key, destroy));
}

void tss_delete(tss_t key) {
  if (controlled) {
    delete_key(key);
  } else {
    real().tss_delete(key);
  }
}

}  // extern "C"
