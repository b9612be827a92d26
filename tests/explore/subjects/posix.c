/* What C++ has no name for: spin locks, barriers, and waits on a clock of one's choice. */
#define _GNU_SOURCE
#include <assert.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

static pthread_spinlock_t spin;
static pthread_barrier_t barrier;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static sem_t semaphore;
static int n;

static struct timespec later(clockid_t clock) {
  struct timespec at;
  clock_gettime(clock, &at);
  at.tv_sec += 3600;
  return at;
}

static void add(int failed) {
  assert(failed == 0);
  n = n + 1;
}

static void* use_all(void* without_spin) {
  const struct timespec real = later(CLOCK_REALTIME), monotonic = later(CLOCK_MONOTONIC);
  if (!without_spin) pthread_spin_lock(&spin);
  add(0);
  if (!without_spin) pthread_spin_unlock(&spin);
  pthread_barrier_wait(&barrier);
  add(pthread_mutex_timedlock(&mutex, &real));
  pthread_mutex_unlock(&mutex);
  pthread_barrier_wait(&barrier);
  add(pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &monotonic));
  pthread_mutex_unlock(&mutex);
  pthread_barrier_wait(&barrier);
  add(pthread_rwlock_timedwrlock(&rwlock, &real));
  pthread_rwlock_unlock(&rwlock);
  pthread_barrier_wait(&barrier);
  add(pthread_rwlock_clockwrlock(&rwlock, CLOCK_MONOTONIC, &monotonic));
  pthread_rwlock_unlock(&rwlock);
  pthread_barrier_wait(&barrier);
  add(sem_timedwait(&semaphore, &real));
  sem_post(&semaphore);
  pthread_barrier_wait(&barrier);
  add(sem_clockwait(&semaphore, CLOCK_MONOTONIC, &monotonic));
  sem_post(&semaphore);
  return NULL;
}

static int run_all(void* without_spin) {
  enum { locks = 7 };
  pthread_t a, b;
  n = 0;
  pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
  pthread_barrier_init(&barrier, NULL, 2);
  sem_init(&semaphore, 0, 1);
  pthread_create(&a, NULL, use_all, without_spin);
  pthread_create(&b, NULL, use_all, without_spin);
  pthread_join(a, NULL);
  pthread_join(b, NULL);
  assert(n == 2 * locks);
  return 0;
}

int c_posix_locks_broken(void) {
  return run_all((void*)&spin);
}
int c_posix_locks_fixed(void) {
  return run_all(NULL);
}
