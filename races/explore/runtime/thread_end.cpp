#include "races/explore/runtime/thread_end.hpp"

#include <cstdlib>
#include <unwind.h>

#include <climits>

#include "races/explore/runtime/hooks.hpp"
#include "races/explore/runtime/real.hpp"

extern "C" _Unwind_Reason_Code _Unwind_ForcedUnwind(_Unwind_Exception*, _Unwind_Stop_Fn, void*)
    __attribute__((weak));

namespace contend::explore {

/// To where a thread began, in its frame there.
struct WayOut {
  void* registers[5];
  _Unwind_Exception forced;
};

namespace {

constexpr std::uint32_t most_destructors = 1024;
constexpr int rounds = PTHREAD_DESTRUCTOR_ITERATIONS;

struct Destructor {
  void (*destroy)(void*);
  void* object;
  std::uint16_t thread;
};

// Written and read by whoever has the baton.
Destructor destructors[most_destructors];
std::uint32_t destructor_count = 0;
void (*key_destructors[PTHREAD_KEYS_MAX])(void*);
pthread_key_t keys_end = 0;  ///< no key is that high
// The compiler's own, since libc's ask for the thread pointer.
[[noreturn, gnu::noinline]] void leave_by(WayOut& way_out) {
  __builtin_longjmp(way_out.registers, 1);
}

_Unwind_Reason_Code stop_at_end(int, _Unwind_Action actions, _Unwind_Exception_Class,
                                _Unwind_Exception*, _Unwind_Context* context, void* end) {
  const auto here = static_cast<std::uint64_t>(_Unwind_GetCFA(context));
  if ((actions & _UA_END_OF_STACK) != 0 || here >= number(end)) {
    leave_by(*static_cast<WayOut*>(end));
  }
  return _URC_NO_REASON;
}

// Newest first; a destructor may register another.
void destroy_thread_locals(const Thread& self) {
  for (;;) {
    std::uint32_t last = destructor_count;
    while (last > 0 && destructors[last - 1].thread != self.id) --last;
    if (last == 0) return;
    const Destructor found = destructors[last - 1];
    for (std::uint32_t i = last; i < destructor_count; ++i) destructors[i - 1] = destructors[i];
    --destructor_count;
    found.destroy(found.object);
  }
}

void destroy_specific() {
  for (int round = 0; round < rounds; ++round) {
    bool any = false;
    for (pthread_key_t key = 0; key < keys_end; ++key) {
      if (key_destructors[key] == nullptr) continue;
      void* value = pthread_getspecific(key);
      if (value == nullptr) continue;
      any = true;
      pthread_setspecific(key, nullptr);
      key_destructors[key](value);
    }
    if (!any) return;
  }
}

void destroy_all(const Thread& self) {
  destroy_thread_locals(self);
  destroy_specific();
}

}  // namespace

void run_thread(Thread& thread) {
  WayOut here;
  thread.way_out = &here;
  if (__builtin_setjmp(here.registers) == 0) thread.result = thread.routine(thread.argument);
  thread.way_out = nullptr;
  thread.context = Contexts::root;
  thread.lost_calls = 0;
  destroy_all(thread);
  scheduler.finish();
}

void exit_thread(void* result) {
  Thread& self = scheduler.current();
  self.result = result;
  if (self.way_out != nullptr) {
    if (_Unwind_ForcedUnwind != nullptr) {
      _Unwind_ForcedUnwind(&self.way_out->forced, stop_at_end, self.way_out);
    }
    leave_by(*self.way_out);
  }
  // The first thread leaves main; the process ends with code 0 when the last one does.
  destroy_all(self);
  scheduler.wait_until_alone(CONTEND_CALLER());
  exit(0);
}

int at_thread_exit(void (*destroy)(void*), void* object, void*) {
  if (destructor_count == most_destructors) scheduler.uncontrolled("too many thread_local objects");
  destructors[destructor_count++] = {destroy, object, scheduler.current().id};
  return 0;
}

int create_key(pthread_key_t* key, void (*destroy)(void*)) {
  const int failed = real().pthread_key_create(key, nullptr);
  if (failed == 0) key_destructors[*key] = destroy;
  if (failed == 0 && *key >= keys_end) keys_end = *key + 1;
  return failed;
}

int delete_key(pthread_key_t key) {
  key_destructors[key] = nullptr;
  return real().pthread_key_delete(key);
}

}  // namespace contend::explore
