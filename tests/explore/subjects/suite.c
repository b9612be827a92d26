/* Shapes of published suites of buggy programs, in plain C and linked without the C++ library:
   arrays of threads, asserts and exits wherever they come, one order in many that fails.

   suite NAME broken|fixed */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { most_threads = 100 };
/* The runtime has functions of this name and kin; a program may have anything. */
int send;

static int fixed;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t second = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_t threads[most_threads];

static void lock_if(int wanted) {
  if (wanted) pthread_mutex_lock(&mutex);
}
static void unlock_if(int wanted) {
  if (wanted) pthread_mutex_unlock(&mutex);
}

/* The last `others` threads run `other`. */
static void run_all(int count, int others, void* (*routine)(void*), void* (*other)(void*)) {
  for (intptr_t i = 0; i < count; ++i) {
    pthread_create(&threads[i], NULL, i < count - others ? routine : other, (void*)i);
  }
  for (int i = 0; i < count; ++i) pthread_join(threads[i], NULL);
}

/* Forty set two variables, one looks between. */
static int a, b;

static void* set_both(void* unused) {
  lock_if(fixed);
  a = 1;
  b = -1;
  unlock_if(fixed);
  return unused;
}

static void* check_both(void* unused) {
  lock_if(fixed);
  const int first = a;
  assert((first == 0 && b == 0) || (first == 1 && b == -1));
  unlock_if(fixed);
  return unused;
}

static void reorder(void) {
  run_all(41, 1, set_both, check_both);
}

/* Two locks one after the other, where both together are meant. */
static int stage_one, stage_two;

static void* write_stages(void* unused) {
  pthread_mutex_lock(&mutex);
  stage_one = 1;
  if (!fixed) pthread_mutex_unlock(&mutex);
  pthread_mutex_lock(&second);
  stage_two = stage_one + 1;
  pthread_mutex_unlock(&second);
  if (fixed) pthread_mutex_unlock(&mutex);
  return unused;
}

static void* read_stages(void* unused) {
  pthread_mutex_lock(&mutex);
  const int one = stage_one;
  if (!fixed) pthread_mutex_unlock(&mutex);
  pthread_mutex_lock(&second);
  if (one != 0) assert(stage_two == one + 1);
  pthread_mutex_unlock(&second);
  if (fixed) pthread_mutex_unlock(&mutex);
  return unused;
}

static void two_stages(void) {
  run_all(most_threads, 1, write_stages, read_stages);
}

/* A bounded queue whose waiters believe that they were woken for themselves. */
enum { capacity = 1, items = 3 };
static int filled;

static void wait_while(int level) {
  if (fixed) {
    while (filled == level) pthread_cond_wait(&changed, &mutex);
  } else if (filled == level) {
    pthread_cond_wait(&changed, &mutex);
  }
}

static void* produce(void* unused) {
  for (int i = 0; i < items; ++i) {
    pthread_mutex_lock(&mutex);
    wait_while(capacity);
    assert(++filled <= capacity);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
  }
  return unused;
}

static void* consume(void* unused) {
  for (int i = 0; i < items; ++i) {
    pthread_mutex_lock(&mutex);
    wait_while(0);
    assert(--filled >= 0);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
  }
  return unused;
}

static void queue(void) {
  run_all(4, 2, produce, consume);
}

/* Fifty thousand accesses of its own, and one in common. */
enum { many = 50000 };
static int own[2][many];
static int total;

static void* add_up(void* number) {
  int* mine = own[(intptr_t)number];
  for (int i = 0; i < many; ++i) mine[i] = 1;
  int sum = 0;
  for (int i = 0; i < many; ++i) sum += mine[i];
  lock_if(fixed);
  total += sum;
  unlock_if(fixed);
  return NULL;
}

static void heavy(void) {
  run_all(2, 0, add_up, add_up);
  assert(total == 2 * many);
}

/* A connection that is used after the one who closed it freed it, and its lock with it. */
struct connection {
  int users;
  pthread_mutex_t lock;
};
static struct connection* shared;

static void leave(struct connection* connection) {
  pthread_mutex_lock(&mutex);
  const int last = --connection->users == 0;
  pthread_mutex_unlock(&mutex);
  if (last) free(connection);
}

static void* use_connection(void* unused) {
  pthread_mutex_lock(&mutex);
  struct connection* mine = shared;
  if (mine != NULL && fixed) ++mine->users;
  pthread_mutex_unlock(&mutex);
  if (mine == NULL) return unused;
  pthread_mutex_lock(&mine->lock);
  pthread_mutex_unlock(&mine->lock);
  if (fixed) leave(mine);
  return unused;
}

static void* close_connection(void* unused) {
  pthread_mutex_lock(&mutex);
  struct connection* mine = shared;
  shared = NULL;
  pthread_mutex_unlock(&mutex);
  leave(mine);
  return unused;
}

static void connection(void) {
  shared = calloc(1, sizeof *shared);
  shared->users = 1;
  pthread_mutex_init(&shared->lock, NULL);
  run_all(3, 1, use_connection, close_connection);
}

/* A semaphore whose timeout is taken for a post. */
static sem_t posted;
static int value;

static void* post(void* unused) {
  value = 1;
  sem_post(&posted);
  return unused;
}

static void late_post(void) {
  sem_init(&posted, 0, 0);
  pthread_create(&threads[0], NULL, post, NULL);
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  while (sem_timedwait(&posted, &until) != 0 && fixed) {
    assert(errno == ETIMEDOUT);
    until.tv_sec += 1;
  }
  assert(value == 1);
  pthread_join(threads[0], NULL);
}

/* Two locks taken either way round: backing off, or not. */
static int arrived;

static void* take_two(void* number) {
  pthread_mutex_t* one = number ? &mutex : &second;
  pthread_mutex_t* other = number ? &second : &mutex;
  pthread_mutex_lock(one);
  while (fixed && pthread_mutex_trylock(other) != 0) {
    pthread_mutex_unlock(one);
    sched_yield();
    pthread_mutex_lock(one);
  }
  if (!fixed) pthread_mutex_lock(other);
  ++arrived;
  pthread_mutex_unlock(other);
  pthread_mutex_unlock(one);
  return NULL;
}

static void back_off(void) {
  run_all(2, 0, take_two, take_two);
  assert(arrived == 2);
}

/* Large frames on a large stack of a detached thread that may outlive main. */
static int visited;

static int descend(int depth) {
  volatile char frame[4096];
  frame[0] = (char)depth;
  return depth == 0 ? frame[0] : descend(depth - 1) + 0 * frame[0];
}

static void* dive(void* memory) {
  descend(2000);
  pthread_mutex_lock(&mutex);
  visited += *(int*)memory;
  pthread_mutex_unlock(&mutex);
  if (fixed) free(memory);
  return NULL;
}

static void deep(void) {
  pthread_attr_t attributes;
  int* memory = calloc(1, sizeof *memory);
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 16 << 20);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_create(&threads[0], &attributes, dive, memory);
  usleep(rand() % 100);
  printf("%d\n", 0);
  if (!fixed) free(memory);
}

static const struct {
  const char* name;
  void (*run)(void);
} all[] = {{"reorder", reorder}, {"two_stages", two_stages}, {"queue", queue},
           {"heavy", heavy},     {"connection", connection}, {"late_post", late_post},
           {"deep", deep},       {"back_off", back_off}};

int main(int count, char** arguments) {
  for (size_t i = 0; count == 3 && i < sizeof all / sizeof *all; ++i) {
    if (strcmp(all[i].name, arguments[1]) != 0) continue;
    fixed = strcmp(arguments[2], "fixed") == 0;
    all[i].run();
    return 0;
  }
  fprintf(stderr, "no such subject\n");
  return 64;
}
