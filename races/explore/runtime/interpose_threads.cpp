// pthread_create and its family, and the two calls by which C++ registers thread_local destructors.
#include <cerrno>
#include <pthread.h>

#include "races/explore/runtime/hooks.hpp"
#include "races/explore/runtime/interposed.hpp"
#include "races/explore/runtime/real.hpp"
#include "races/explore/runtime/thread_end.hpp"
#include "races/explore/runtime/time.hpp"

namespace contend::explore {
namespace {

bool has_ended(const Thread& thread) {
  return !scheduler.thread(static_cast<std::uint32_t>(thread.step.argument)).live;
}

std::size_t stack_size_of(const pthread_attr_t* attributes) {
  std::size_t size = 0;
  if (attributes != nullptr) pthread_attr_getstacksize(attributes, &size);
  return size > Scheduler::least_stack ? size : Scheduler::least_stack;
}

bool starts_detached(const pthread_attr_t* attributes) {
  int state = PTHREAD_CREATE_JOINABLE;
  if (attributes != nullptr) pthread_attr_getdetachstate(attributes, &state);
  return state == PTHREAD_CREATE_DETACHED;
}

}  // namespace

int join_thread(pthread_t handle, void** result, std::int64_t deadline, std::uint64_t pc) {
  Thread* target = scheduler.by_handle(handle);
  if (target == nullptr) return ESRCH;
  if (target->detached) return EINVAL;
  if (target == &scheduler.current()) return EDEADLK;
  if (target->live) {
    const bool ended = scheduler.step({Op::join, target->id, pc, has_ended, target->id, deadline});
    if (!ended) return ETIMEDOUT;
  }
  target->joined = true;
  scheduler.detector().joined(scheduler.current(), *target);
  if (result != nullptr) *result = target->result;
  return 0;
}

int detach_thread(pthread_t handle) {
  Thread* target = scheduler.by_handle(handle);
  if (target == nullptr) return ESRCH;
  if (target->detached) return EINVAL;
  target->detached = true;
  return 0;
}

}  // namespace contend::explore

using namespace contend::explore;

extern "C" {

int pthread_create(pthread_t* handle, const pthread_attr_t* attributes, void* (*routine)(void*),
                   void* argument) {
  if (!controlled) return real().pthread_create(handle, attributes, routine, argument);
  return scheduler.create(routine, argument, starts_detached(attributes), stack_size_of(attributes),
                          CONTEND_CALLER(), handle);
}

int pthread_join(pthread_t handle, void** result) {
  if (!controlled) return real().pthread_join(handle, result);
  return join_thread(handle, result, -1, CONTEND_CALLER());
}

int pthread_tryjoin_np(pthread_t handle, void** result) {
  if (!controlled) return real().pthread_tryjoin_np(handle, result);
  const Thread* target = scheduler.by_handle(handle);
  scheduler.step({Op::join, target == nullptr ? 0U : target->id, CONTEND_CALLER()});
  if (target != nullptr && target->live) return EBUSY;
  return join_thread(handle, result, -1, CONTEND_CALLER());
}

int pthread_timedjoin_np(pthread_t handle, void** result, const timespec* until) {
  if (!controlled) return real().pthread_timedjoin_np(handle, result, until);
  return join_thread(handle, result, virtual_deadline(CLOCK_REALTIME, *until), CONTEND_CALLER());
}

int pthread_detach(pthread_t handle) {
  if (!controlled) return real().pthread_detach(handle);
  return detach_thread(handle);
}

void pthread_exit(void* result) {
  if (!controlled) real().pthread_exit(result);
  exit_thread(result);
}

int pthread_key_create(pthread_key_t* key, void (*destroy)(void*)) {
  return controlled ? create_key(key, destroy) : real().pthread_key_create(key, destroy);
}

int pthread_key_delete(pthread_key_t key) {
  return controlled ? delete_key(key) : real().pthread_key_delete(key);
}

int __cxa_thread_atexit_impl(void (*)(void*), void*, void*);

// The first thread's are left to libc, which runs them from exit().
int __cxa_thread_atexit(void (*destroy)(void*), void* object, void* library) {
  if (!controlled || scheduler.current().id == 0) {
    return __cxa_thread_atexit_impl(destroy, object, library);
  }
  return at_thread_exit(destroy, object, library);
}

}  // extern "C"
