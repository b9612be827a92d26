// n += 1 and what people put around it.
#include <atomic>
#include <cassert>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "tests/explore/subjects/subjects.hpp"

namespace {

template <class Body>
void twice(Body body) {
  std::thread first(body);
  std::thread second(body);
  first.join();
  second.join();
}

// More than a loop may repeat that only reads.
constexpr int all = 30;

template <class Body>
int all_at_once(Body body) {
  std::atomic<int> wanted{all};
  std::atomic<int> done{0};
  std::thread worker([&] {
    for (int i = 0; i < wanted.load(); ++i) body(done, i);
  });
  std::thread witness([&] { assert(done.load() != all); });
  worker.join();
  witness.join();
  return 0;
}

}  // namespace

int counter_plain() {
  int n = 0;
  twice([&] { n += 1; });
  assert(n == 2);
  return 0;
}

int counter_mutex() {
  int n = 0;
  std::mutex mutex;
  twice([&] {
    const std::lock_guard lock(mutex);
    n += 1;
  });
  assert(n == 2);
  return 0;
}

int counter_atomic() {
  std::atomic<int> n{0};
  twice([&] { n += 1; });
  assert(n == 2);
  return 0;
}

int counter_load_then_store() {
  std::atomic<int> n{0};
  twice([&] { n.store(n.load() + 1); });
  assert(n == 2);
  return 0;
}

int counter_cas_loop() {
  std::atomic<int> n{0};
  twice([&] {
    int seen = n.load();
    while (!n.compare_exchange_weak(seen, seen + 1)) {
    }
  });
  assert(n == 2);
  return 0;
}

// Only if the thread that is created last goes first. The loop reads the same number at the same
// place each time, and yet it does not wait for anybody.
int created_last_goes_first_broken() {
  constexpr int last = all - 1;
  std::atomic<int> wanted{all};
  std::atomic<int> first{-1};
  std::vector<std::thread> threads;
  for (int i = 0; i < wanted.load(); ++i) {
    threads.emplace_back([&first, i] {
      int nobody = -1;
      first.compare_exchange_strong(nobody, i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  assert(first != last);
  return 0;
}

// The same for what a thread does by itself, in whatever way: all of it may come before another
// thread's one step.
int done_all_at_once_broken() {
  return all_at_once([](auto& done, int) { done.fetch_add(1); });
}

int stored_all_at_once_broken() {
  return all_at_once([](auto& done, int i) { done.store(i + 1); });
}

int swapped_all_at_once_broken() {
  return all_at_once([](auto& done, int i) { done.compare_exchange_strong(i, i + 1); });
}

int written_all_at_once_broken() {
  int written = 0;
  std::mutex mutex;
  std::atomic<int> wanted{all};
  std::thread worker([&] {
    for (int i = 0; i < wanted.load(); ++i) {
      const std::lock_guard lock(mutex);
      ++written;
    }
  });
  std::thread witness([&] {
    const std::lock_guard lock(mutex);
    assert(written != all);
  });
  worker.join();
  witness.join();
  return 0;
}

// A loop that has a bound gets to its end, though it reads nothing new on the way.
int gives_up_broken() {
  std::atomic<bool> ready{false};
  bool gave_up = false;
  std::thread waiter([&] {
    for (int i = 0; i < 12; ++i) {
      if (ready.load()) return;
    }
    gave_up = true;
  });
  std::thread setter([&] { ready = true; });
  waiter.join();
  setter.join();
  assert(!gave_up);
  return 0;
}

int check_then_act_broken() {
  int seats = 1;
  int sold = 0;
  std::mutex mutex;
  twice([&] {
    bool free = false;
    {
      const std::lock_guard lock(mutex);
      free = seats > 0;
    }
    if (!free) return;
    const std::lock_guard lock(mutex);
    --seats;
    ++sold;
  });
  assert(sold == 1);
  return 0;
}

int check_then_act_fixed() {
  int seats = 1;
  int sold = 0;
  std::mutex mutex;
  twice([&] {
    const std::lock_guard lock(mutex);
    if (seats == 0) return;
    --seats;
    ++sold;
  });
  assert(sold == 1);
  return 0;
}

int rwlock_upgrade_broken() {
  int value = 0;
  std::shared_mutex mutex;
  twice([&] {
    int next = 0;
    {
      const std::shared_lock lock(mutex);
      next = value + 1;
    }
    const std::unique_lock lock(mutex);
    value = next;
  });
  assert(value == 2);
  return 0;
}

int rwlock_upgrade_fixed() {
  int value = 0;
  std::shared_mutex mutex;
  twice([&] {
    const std::unique_lock lock(mutex);
    value += 1;
  });
  assert(value == 2);
  return 0;
}

int spin_lock_fixed() {
  int n = 0;
  std::atomic_flag taken;
  twice([&] {
    while (taken.test_and_set(std::memory_order_acquire)) {
    }
    n += 1;
    taken.clear(std::memory_order_release);
  });
  assert(n == 2);
  return 0;
}

int neighbours_fixed() {
  struct {
    char first = 0;
    char second = 0;
    std::atomic<char> third{0};
  } bytes;
  std::thread other([&] {
    bytes.second = 1;
    bytes.third = 1;
  });
  bytes.first = 1;
  other.join();
  return bytes.first + bytes.second + bytes.third - 3;
}

int trylock_broken() {
  std::mutex mutex;
  std::atomic<int> done{0};
  twice([&] {
    if (!mutex.try_lock()) return;  // somebody else is at it, and so the work is lost
    done += 1;
    mutex.unlock();
  });
  assert(done == 2);
  return 0;
}
