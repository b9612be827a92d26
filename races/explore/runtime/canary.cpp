#include "races/explore/runtime/canary.hpp"

#include <pthread.h>

namespace contend::explore {
namespace {

struct Counter {
  int n = 0;
  bool locked = false;
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
};

// A race on purpose when it is not locked: this is the canary.
void* increment(void* argument) {
  auto& counter = *static_cast<Counter*>(argument);
  if (counter.locked) pthread_mutex_lock(&counter.mutex);
  counter.n += 1;
  if (counter.locked) pthread_mutex_unlock(&counter.mutex);
  return nullptr;
}

}  // namespace

int run_canary(Canary canary) {
  Counter counter;
  counter.locked = canary == Canary::sound;
  pthread_t threads[2];
  for (pthread_t& thread : threads) pthread_create(&thread, nullptr, increment, &counter);
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
  return counter.n == 2 ? 0 : 1;
}

}  // namespace contend::explore
