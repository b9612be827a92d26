/* Plain C: no C++ library, no cleanup, asserts and exits wherever they come. */
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

static int balance;
static int locked;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void* deposit(void* amount) {
  if (locked) pthread_mutex_lock(&mutex);
  int now = balance;
  balance = now + *(int*)amount;
  if (locked) pthread_mutex_unlock(&mutex);
  return NULL;
}

static int account(int with_lock) {
  int ten = 10, five = 5;
  pthread_t a, b;
  balance = 0;
  locked = with_lock;
  pthread_create(&a, NULL, deposit, &ten);
  pthread_create(&b, NULL, deposit, &five);
  pthread_join(a, NULL);
  pthread_join(b, NULL);
  assert(balance == 15);
  return 0;
}

int c_account_broken(void) {
  return account(0);
}
int c_account_fixed(void) {
  return account(1);
}

static int ready;

static void* leave(void* unused) {
  pthread_mutex_lock(&mutex);
  int first = !ready;
  pthread_mutex_unlock(&mutex);
  if (first) exit(3);
  return unused;
}

int c_exit_in_thread(void) {
  pthread_t a;
  pthread_create(&a, NULL, leave, NULL);
  pthread_mutex_lock(&mutex);
  ready = 1;
  pthread_mutex_unlock(&mutex);
  pthread_join(a, NULL);
  return 0;
}

static void* last(void* unused) {
  pthread_mutex_lock(&mutex);
  ready = 1;
  pthread_mutex_unlock(&mutex);
  pthread_exit(unused);
}

int c_main_leaves_first(void) {
  pthread_t a;
  pthread_create(&a, NULL, last, NULL);
  pthread_detach(a);
  pthread_exit(NULL);
}

enum { crowd = 100 };
static int turns;

static void* take_turn(void* with_lock) {
  if (with_lock) pthread_mutex_lock(&mutex);
  int mine = turns;
  turns = mine + 1;
  if (with_lock) pthread_mutex_unlock(&mutex);
  return NULL;
}

static int hundred(void* with_lock) {
  static pthread_t threads[crowd];
  turns = 0;
  for (int i = 0; i < crowd; ++i) pthread_create(&threads[i], NULL, take_turn, with_lock);
  for (int i = 0; i < crowd; ++i) pthread_join(threads[i], NULL);
  assert(turns == crowd);
  return 0;
}

int c_hundred_threads_broken(void) {
  return hundred(NULL);
}
int c_hundred_threads_fixed(void) {
  return hundred(&mutex);
}

/* What a library does has no hook. */
static int stopped;
#define UNSEEN __attribute__((noinline, no_sanitize("thread")))
static UNSEEN void set_stopped(int value) {
  stopped = value;
}
static UNSEEN int is_stopped(void) {
  return stopped;
}

static void* stop(void* late) {
  if (!late) set_stopped(1);
  pthread_mutex_lock(&mutex);
  if (late) set_stopped(1);
  pthread_mutex_unlock(&mutex);
  return NULL;
}

/* Wrong if the other thread begins between the two locks of this one. */
static int look_twice(void* under_lock) {
  pthread_t a;
  set_stopped(0);
  pthread_create(&a, NULL, stop, under_lock);
  pthread_mutex_lock(&mutex);
  const int before = is_stopped();
  if (!under_lock) pthread_mutex_unlock(&mutex);
  if (!under_lock) pthread_mutex_lock(&mutex);
  assert(before == is_stopped());
  pthread_mutex_unlock(&mutex);
  pthread_join(a, NULL);
  return 0;
}

int c_unseen_beginning_broken(void) {
  return look_twice(NULL);
}
int c_unseen_beginning_fixed(void) {
  return look_twice(&mutex);
}

static _Atomic int sum;

static void* add_one(void* unused) {
  const int now = sum;
  sum = now + 1;
  return unused;
}

/* Fails in two ways, of which one is rarer. */
int c_two_ways_broken(void) {
  pthread_t threads[3];
  sum = 0;
  for (int i = 0; i < 3; ++i) pthread_create(&threads[i], NULL, add_one, NULL);
  for (int i = 0; i < 3; ++i) pthread_join(threads[i], NULL);
  assert(sum > 1 && "one of three");
  assert(sum > 2 && "two of three");
  return 0;
}

int c_locks_twice_broken(void) {
  pthread_mutex_lock(&mutex);
  pthread_mutex_lock(&mutex);
  return 0;
}

static void* add_with_wrong_lock(void* unused) {
  static pthread_mutex_t another = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&another);
  ++sum;
  pthread_mutex_unlock(&another);
  return unused;
}

static void* add_with_lock(void* unused) {
  pthread_mutex_lock(&mutex);
  const int before = sum;
  ++sum;
  assert(sum == before + 1);
  pthread_mutex_unlock(&mutex);
  return unused;
}

/* More orders without any preemption than anybody would try, and one preemption is enough. */
int c_wrong_lock_broken(void) {
  enum { others = 7 };
  pthread_t threads[others + 1];
  sum = 0;
  for (int i = 0; i <= others; ++i) {
    pthread_create(&threads[i], NULL, i == 0 ? add_with_lock : add_with_wrong_lock, NULL);
  }
  for (int i = 0; i <= others; ++i) pthread_join(threads[i], NULL);
  return 0;
}

static int up, down;

static void* set_both(void* unused) {
  up = 1;
  down = -1;
  return unused;
}

static void* look(void* unused) {
  assert(up + down == 0);
  return unused;
}

/* Wrong only if the look comes while the first of them is between its two writes. */
int c_half_set_broken(void) {
  enum { setters = 19 };
  pthread_t threads[setters + 1];
  up = down = 0;
  for (int i = 0; i <= setters; ++i) {
    pthread_create(&threads[i], NULL, i < setters ? set_both : look, NULL);
  }
  for (int i = 0; i <= setters; ++i) pthread_join(threads[i], NULL);
  return 0;
}
