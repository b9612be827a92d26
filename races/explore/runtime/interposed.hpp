// What several spellings of one call share: POSIX and C11 threads are the same objects in glibc,
// and whoever waits for input waits as one who waits for a lock does. `pc` is the program's call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <pthread.h>

namespace contend::explore {

/// As the pthread functions of these names; a deadline of -1 is none. Return errno values.
int join_thread(pthread_t handle, void** result, std::int64_t deadline, std::uint64_t pc);
int detach_thread(pthread_t handle);
int lock_mutex(pthread_mutex_t* mutex, std::int64_t deadline, std::uint64_t pc);
int try_mutex(pthread_mutex_t* mutex, std::uint64_t pc);
int unlock_mutex(pthread_mutex_t* mutex, std::uint64_t pc);
int wait_on_condition(pthread_cond_t* condition, pthread_mutex_t* mutex, std::int64_t deadline,
                      std::uint64_t pc);
int notify_condition(pthread_cond_t* condition, bool all, std::uint64_t pc);
int run_once(pthread_once_t* once, void (*routine)(), std::uint64_t pc);

/// FUTEX_WAIT, FUTEX_WAKE and their bit set kinds; anything else is not controlled.
long futex(std::uint32_t* word, int operation, std::uint32_t value, const timespec* time,
           std::uint64_t pc);

}  // namespace contend::explore
