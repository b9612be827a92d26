// The life of a controlled thread around its start routine: pthread_exit, destructors of
// thread_local objects and of thread-specific data, all while it is still under control.
#pragma once

#include <pthread.h>

#include "races/explore/runtime/thread.hpp"

namespace contend::explore {

/// Runs the routine, then the destructors, then leaves for ever.
[[noreturn]] void run_thread(Thread& thread);

/// Ends the current thread from inside, unwinding its frames.
[[noreturn]] void exit_thread(void* result);

/// Registers a destructor of a thread_local object of the current thread.
int at_thread_exit(void (*destroy)(void*), void* object, void* library);

int create_key(pthread_key_t* key, void (*destroy)(void*));
int delete_key(pthread_key_t key);

}  // namespace contend::explore
