// Lost wake-ups: a condition variable remembers nothing, so a notification that comes before the
// wait, or to the wrong waiter, or not at all, leaves somebody asleep for ever.
//
//   actor1 (waits)             actor2 (sets)
//   sees is_set: false
//                              is_set = true, notifies nobody
//   waits for ever
//
//   races run wake_up
//
// On two busy CPUs:
//   variant             outcome      count    share  grade       tsan
//   checked_outside     hang             1           forbidden   blind
//   checked_under_lock  1        5,673,408  100.0 %  acceptable  silent
//   silent_shutdown     hang             1           forbidden   blind
//   told_shutdown       1        5,099,392  100.0 %  acceptable  silent
//   notify_one          hang             1           forbidden   blind
//   notify_all          1          652,096  100.0 %  acceptable  silent
#include <atomic>
#include <condition_variable>
#include <mutex>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

struct CheckedOutside {
  std::mutex lock;
  std::condition_variable changed;
  std::atomic<bool> is_set = false;
  void actor1() {
    if (is_set) return;
    std::unique_lock guard(lock);
    changed.wait(guard);
  }
  void actor2() {
    is_set = true;
    changed.notify_one();
  }
  int outcome() const { return 1; }
};

struct CheckedUnderLock {
  std::mutex lock;  // protects is_set
  std::condition_variable changed;
  bool is_set = false;
  void actor1() {
    std::unique_lock guard(lock);
    changed.wait(guard, [this] { return is_set; });
  }
  void actor2() {
    {
      const std::lock_guard guard(lock);
      is_set = true;
    }
    changed.notify_one();
  }
  int outcome() const { return 1; }
};

struct SilentShutdown {
  std::mutex lock;  // protects is_stopping
  std::condition_variable changed;
  bool is_stopping = false;
  void actor1() {
    std::unique_lock guard(lock);
    changed.wait(guard, [this] { return is_stopping; });
  }
  void actor2() {
    const std::lock_guard guard(lock);
    is_stopping = true;
  }
  int outcome() const { return 1; }
};

struct ToldShutdown {
  std::mutex lock;  // protects is_stopping
  std::condition_variable changed;
  bool is_stopping = false;
  void actor1() {
    std::unique_lock guard(lock);
    changed.wait(guard, [this] { return is_stopping; });
  }
  void actor2() {
    const std::lock_guard guard(lock);
    is_stopping = true;
    changed.notify_all();
  }
  int outcome() const { return 1; }
};

struct NotifyOne {
  std::mutex lock;  // protects is_open
  std::condition_variable changed;
  bool is_open = false;
  void wait() {
    std::unique_lock guard(lock);
    changed.wait(guard, [this] { return is_open; });
  }
  void actor1() { wait(); }
  void actor2() { wait(); }
  void actor3() {
    {
      const std::lock_guard guard(lock);
      is_open = true;
    }
    changed.notify_one();
  }
  int outcome() const { return 1; }
};

struct NotifyAll {
  std::mutex lock;  // protects is_open
  std::condition_variable changed;
  bool is_open = false;
  void wait() {
    std::unique_lock guard(lock);
    changed.wait(guard, [this] { return is_open; });
  }
  void actor1() { wait(); }
  void actor2() { wait(); }
  void actor3() {
    {
      const std::lock_guard guard(lock);
      is_open = true;
    }
    changed.notify_all();
  }
  int outcome() const { return 1; }
};

Experiment graded(Experiment experiment) {
  experiment.expect("1", acceptable, "everybody woke up")
      .expect("hang", forbidden, "somebody sleeps for ever")
      .at_most(1024);
  return experiment;
}

constexpr const char* ordered = "every access is ordered; sleeping for ever is no data race";

}  // namespace

std::vector<Experiment> wake_up() {
  return {graded(broken<CheckedOutside>("wake_up/checked_outside",
                                        "the flag is looked at before the lock is taken"))
              .view("tsan", Sight::blind, ordered),
          graded(fixed<CheckedUnderLock>("wake_up/checked_under_lock", "wait with a predicate")),
          graded(broken<SilentShutdown>("wake_up/silent_shutdown",
                                        "stopping is set, and nobody is told"))
              .view("tsan", Sight::blind, ordered),
          graded(fixed<ToldShutdown>("wake_up/told_shutdown", "stopping is set and told")),
          graded(broken<NotifyOne>("wake_up/notify_one", "two wait, one is woken"))
              .view("tsan", Sight::blind, ordered),
          graded(fixed<NotifyAll>("wake_up/notify_all", "two wait, all are woken"))};
}

}  // namespace contend::races
