/* The threads of C11. */
#include <assert.h>
#include <threads.h>
#include <time.h>

static mtx_t mutex;
static cnd_t changed;
static once_flag once = ONCE_FLAG_INIT;
static tss_t own;
static int balance, full, torn_down, locked;

static void set_up(void) {
  mtx_init(&mutex, mtx_plain);
  cnd_init(&changed);
}

static int deposit(void* amount) {
  call_once(&once, set_up);
  if (locked) mtx_lock(&mutex);
  int now = balance;
  balance = now + *(int*)amount;
  if (locked) mtx_unlock(&mutex);
  return *(int*)amount;
}

static int account(int with_lock) {
  int ten = 10, five = 5, first = 0, second = 0;
  thrd_t a, b;
  locked = with_lock;
  if (thrd_create(&a, deposit, &ten) != thrd_success) return 2;
  if (thrd_create(&b, deposit, &five) != thrd_success) return 2;
  thrd_join(a, &first);
  thrd_join(b, &second);
  assert(first + second == 15);
  assert(balance == 15);
  return 0;
}

int c11_account_broken(void) {
  return account(0);
}
int c11_account_fixed(void) {
  return account(1);
}

static void tear_down(void* unused) {
  (void)unused;
  ++torn_down;
}

static int fill(void* signal_early) {
  tss_set(own, &own);
  if (signal_early) cnd_signal(&changed);
  mtx_lock(&mutex);
  full = 1;
  mtx_unlock(&mutex);
  if (!signal_early) cnd_signal(&changed);
  thrd_exit(7);
}

static int hand_over(void* signal_early) {
  thrd_t other;
  int result = 0;
  set_up();
  tss_create(&own, tear_down);
  thrd_create(&other, fill, signal_early);
  mtx_lock(&mutex);
  while (!full) cnd_wait(&changed, &mutex);
  mtx_unlock(&mutex);
  thrd_join(other, &result);
  assert(result == 7);
  assert(torn_down == 1);
  return 0;
}

int c11_hand_over_broken(void) {
  return hand_over(&mutex);
}
int c11_hand_over_fixed(void) {
  return hand_over(0);
}
