// Locks in an order, conditions, wake-ups, time.
#include <atomic>
#include <barrier>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <future>
#include <latch>
#include <mutex>
#include <semaphore>
#include <thread>
#include <vector>

#include "tests/explore/subjects/subjects.hpp"

using namespace std::chrono_literals;

int lock_order_broken() {
  std::mutex a;
  std::mutex b;
  std::thread other([&] {
    const std::lock_guard first(a);
    const std::lock_guard second(b);
  });
  {
    const std::lock_guard first(b);
    const std::lock_guard second(a);
  }
  other.join();
  return 0;
}

int lock_order_fixed() {
  std::mutex a;
  std::mutex b;
  std::thread other([&] { const std::scoped_lock both(a, b); });
  { const std::scoped_lock both(b, a); }
  other.join();
  return 0;
}

int lost_wakeup_broken() {
  std::atomic<bool> ready{false};
  std::mutex mutex;
  std::condition_variable changed;
  std::thread other([&] {
    ready = true;  // not under the lock: it may come between the test and the wait
    changed.notify_one();
  });
  {
    std::unique_lock lock(mutex);
    while (!ready) changed.wait(lock);
  }
  other.join();
  return 0;
}

int lost_wakeup_fixed() {
  bool ready = false;
  std::mutex mutex;
  std::condition_variable changed;
  std::thread other([&] {
    const std::lock_guard lock(mutex);
    ready = true;
    changed.notify_one();
  });
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return ready; });
  }
  other.join();
  return 0;
}

namespace {

int wake_two(bool all) {
  bool ready = false;
  std::mutex mutex;
  std::condition_variable changed;
  const auto wait = [&] {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return ready; });
  };
  std::thread first(wait);
  std::thread second(wait);
  {
    const std::lock_guard lock(mutex);
    ready = true;
  }
  all ? changed.notify_all() : changed.notify_one();
  first.join();
  second.join();
  return 0;
}

}  // namespace

// His own lock is nobody's news: after a few rounds the other one must have his turn.
int timed_loop_fixed() {
  std::mutex mutex;
  std::condition_variable changed;
  bool ready = false;
  std::thread waiter([&] {
    std::unique_lock lock(mutex);
    while (!ready) changed.wait_for(lock, std::chrono::milliseconds(10));
  });
  std::thread setter([&] {
    const std::lock_guard lock(mutex);
    ready = true;
    changed.notify_one();
  });
  waiter.join();
  setter.join();
  return 0;
}

int notify_one_broken() {
  return wake_two(false);
}
int notify_all_fixed() {
  return wake_two(true);
}

// Who acquires the semaphore is one thread only: between two, libstdc++ 12.2 may sleep for ever.
int every_primitive_fixed() {
  std::latch started(3);
  std::barrier turn(2);
  std::counting_semaphore<4> done(0);
  std::mutex mutex;
  std::once_flag once;
  std::atomic<int> flag{0};
  int set_once = 0;
  int guarded = 0;
  const auto work = [&] {
    started.arrive_and_wait();
    std::call_once(once, [&] { set_once = 1; });
    {
      const std::lock_guard lock(mutex);
      guarded += set_once;
    }
    turn.arrive_and_wait();
    done.release();
  };
  std::thread first(work);
  std::thread second(work);
  started.arrive_and_wait();
  std::future<int> answer = std::async(std::launch::async, [&] {
    flag.store(1);
    flag.notify_all();
    return 42;
  });
  flag.wait(0);
  const int got = answer.get();
  done.acquire();
  done.acquire();
  first.join();
  second.join();
  return got == 42 && guarded == 2 ? 0 : 1;
}

int hang_guard_fixed() {
  std::promise<int> promise;
  std::future<int> future = promise.get_future();
  std::thread other([&] { promise.set_value(1); });
  const bool in_time = future.wait_for(30s) == std::future_status::ready;
  other.join();
  return in_time ? 0 : 1;
}

int sleepers_fixed() {
  std::atomic<int> awake{0};
  std::vector<std::thread> sleepers;
  for (int i = 0; i < 3; ++i) {
    sleepers.emplace_back([&, i] {
      std::this_thread::sleep_for(i * 1h);
      ++awake;
    });
  }
  const auto began = std::chrono::steady_clock::now();
  while (awake < 3) std::this_thread::sleep_for(10ms);
  const bool slept = std::chrono::steady_clock::now() - began >= 2h;
  for (std::thread& sleeper : sleepers) sleeper.join();
  return slept ? 0 : 1;
}

int endless_broken() {
  std::atomic<bool> stop{false};
  std::thread other([&] {
    while (!stop) {
    }
  });
  other.join();  // nobody ever sets it
  return 0;
}
