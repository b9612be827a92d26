// Synchronisation that the compiler shows to nobody, and what programs tell of it.
#include <functional>
#include <sanitizer/tsan_interface.h>
#include <sched.h>
#include <thread>

#include "tests/explore/subjects/subjects.hpp"

extern "C" {
void AnnotateHappensBefore(const char* file, int line, const volatile void* object);
void AnnotateHappensAfter(const char* file, int line, const volatile void* object);
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateBenignRaceSized(const char* file, int line, const volatile void* address, long size,
                             const char* why);
}

namespace {

void put(int& word, int value) {
  asm volatile("movl %1, %0" : "=m"(word) : "r"(value) : "memory");
}

int get(const int& word) {
  int value = 0;
  asm volatile("movl %1, %0" : "=r"(value) : "m"(word) : "memory");
  return value;
}

int exchange(int& word, int value) {
  asm volatile("xchgl %0, %1" : "+r"(value), "+m"(word) : : "memory");
  return value;
}

using Told = std::function<void(int& flag)>;
void nothing(int&) {}

int publish(const Told& before, const Told& after) {
  int flag = 0;
  int plain = 0;
  std::thread writer([&] {
    plain = 1;
    before(flag);
    put(flag, 1);
  });
  while (get(flag) == 0) sched_yield();
  after(flag);
  const int seen = plain;
  writer.join();
  return seen == 1 ? 0 : 1;
}

// A spin lock; readers count themselves above 0, a writer is -1. Tells what it does, or not.
class Lock {
 public:
  explicit Lock(bool tells) : tells_(tells) {
    if (tells_) __tsan_mutex_create(this, __tsan_mutex_not_static);
  }
  ~Lock() {
    if (tells_) __tsan_mutex_destroy(this, __tsan_mutex_not_static);
  }
  void lock(bool shared) {
    const unsigned flags = shared ? __tsan_mutex_read_lock : 0;
    if (tells_) __tsan_mutex_pre_lock(this, flags);
    for (;;) {
      while (exchange(inner_, 1) != 0) sched_yield();
      const int now = get(holders_);
      const bool taken = shared ? now >= 0 : now == 0;
      if (taken) put(holders_, shared ? now + 1 : -1);
      put(inner_, 0);
      if (taken) break;
      sched_yield();
    }
    ++times_;  // under no lock of its own, which is nobody's business
    if (tells_) __tsan_mutex_post_lock(this, flags, 0);
  }
  void unlock(bool shared) {
    const unsigned flags = shared ? __tsan_mutex_read_lock : 0;
    if (tells_) __tsan_mutex_pre_unlock(this, flags);
    while (exchange(inner_, 1) != 0) sched_yield();
    put(holders_, shared ? get(holders_) - 1 : 0);
    put(inner_, 0);
    if (tells_) __tsan_mutex_post_unlock(this, flags);
  }

 private:
  bool tells_;
  int inner_ = 0;
  int holders_ = 0;
  int times_ = 0;
};

// `writes_shared`: somebody changes what he has locked for reading only.
int count_under_lock(bool tells, bool writes_shared) {
  Lock lock(tells);
  int n = 0;
  const auto add = [&](bool shared) {
    lock.lock(shared);
    n += 1;
    lock.unlock(shared);
  };
  std::thread one([&] { add(writes_shared); });
  std::thread two([&] { add(writes_shared); });
  lock.lock(true);
  const int seen = n;
  lock.unlock(true);
  one.join();
  two.join();
  return seen <= n ? 0 : 1;
}

int racing_read(bool ignored, bool known) {
  int n = 0;
  if (known) AnnotateBenignRaceSized(__FILE__, __LINE__, &n, sizeof n, "a statistic");
  std::thread writer([&] { n = 1; });
  if (ignored) AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  const int seen = n;
  if (ignored) AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  writer.join();
  return seen + n >= 1 ? 0 : 1;
}

// The race is beside the one that is known.
int racing_neighbour() {
  static struct {
    int n = 0;
    int statistic = 0;
  } both;
  AnnotateBenignRaceSized(__FILE__, __LINE__, &both.statistic, sizeof both.statistic, "known");
  std::thread writer([&] { both.n = 1; });
  const int seen = both.n;
  writer.join();
  return seen + both.n >= 1 ? 0 : 1;
}

}  // namespace

int annotated_neighbour_broken() {
  return racing_neighbour();
}
int annotated_publish_broken() {
  return publish(nothing, nothing);
}
int annotated_publish_fixed() {
  return publish([](int& flag) { __tsan_release(&flag); },
                 [](int& flag) { __tsan_acquire(&flag); });
}
int annotated_publish_dynamic_fixed() {
  return publish([](int& flag) { AnnotateHappensBefore(__FILE__, __LINE__, &flag); },
                 [](int& flag) { AnnotateHappensAfter(__FILE__, __LINE__, &flag); });
}
int annotated_lock_broken() {
  return count_under_lock(false, false);
}
int annotated_lock_fixed() {
  return count_under_lock(true, false);
}
int annotated_reader_broken() {
  return count_under_lock(true, true);
}
int annotated_read_broken() {
  return racing_read(false, false);
}
int annotated_read_ignored_fixed() {
  return racing_read(true, false);
}
int annotated_read_known_fixed() {
  return racing_read(false, true);
}
