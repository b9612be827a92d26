// The functions that we stand in front of, as libc has them.
#pragma once

#include <ctime>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <threads.h>
#include <unistd.h>

// Each becomes a member of Real.
// clang-format off
#define CONTEND_REAL_FUNCTIONS(X) \
  X(pthread_create) X(pthread_join) X(pthread_detach) X(pthread_exit) X(pthread_timedjoin_np) \
  X(pthread_tryjoin_np) X(pthread_mutex_lock) X(pthread_mutex_trylock) \
  X(pthread_mutex_timedlock) X(pthread_mutex_clocklock) X(pthread_mutex_unlock) \
  X(pthread_cond_wait) X(pthread_cond_timedwait) X(pthread_cond_clockwait) \
  X(pthread_cond_signal) X(pthread_cond_broadcast) X(pthread_rwlock_rdlock) \
  X(pthread_rwlock_wrlock) X(pthread_rwlock_tryrdlock) X(pthread_rwlock_trywrlock) \
  X(pthread_rwlock_timedrdlock) X(pthread_rwlock_timedwrlock) X(pthread_rwlock_clockrdlock) \
  X(pthread_rwlock_clockwrlock) X(pthread_rwlock_unlock) X(pthread_spin_lock) \
  X(pthread_spin_trylock) X(pthread_spin_unlock) X(pthread_barrier_init) \
  X(pthread_barrier_wait) X(pthread_once) X(pthread_key_create) X(pthread_key_delete) \
  X(sem_wait) X(sem_trywait) X(sem_timedwait) X(sem_clockwait) X(sem_post) X(sem_getvalue) \
  X(nanosleep) X(clock_nanosleep) X(usleep) X(sleep) X(sched_yield) X(clock_gettime) \
  X(gettimeofday) X(time) X(fork) X(syscall) X(thrd_create) X(thrd_join) X(thrd_detach) \
  X(thrd_exit) X(thrd_sleep) X(thrd_yield) X(mtx_lock) X(mtx_timedlock) X(mtx_trylock) \
  X(mtx_unlock) X(cnd_wait) X(cnd_timedwait) X(cnd_signal) X(cnd_broadcast) X(call_once) \
  X(tss_create) X(tss_delete) X(read) X(write) X(readv) X(writev) X(recv) X(send) X(recvfrom) \
  X(sendto) X(recvmsg) X(sendmsg) X(accept) X(accept4) X(connect) X(bind) X(close) X(shutdown) \
  X(socketpair) X(poll) X(ppoll) X(select) X(pselect) X(epoll_wait) X(epoll_pwait)
// clang-format on

namespace contend::explore {

#define CONTEND_REAL_MEMBER(name) decltype(&::name) name = nullptr;
struct Real {
  CONTEND_REAL_FUNCTIONS(CONTEND_REAL_MEMBER)
};
#undef CONTEND_REAL_MEMBER

/// Looked up on first use, which is before any thread exists.
const Real& real();

}  // namespace contend::explore
