// Lost update: two threads add one to the same number, and one of the two additions vanishes.
//
//   actor1            actor2
//   reads n: 0
//                     reads n: 0
//   writes n: 1
//                     writes n: 1      n is 1 after two increments
//
//   races run lost_update
//
// On two busy CPUs:
//   variant           outcome        count    share  grade       tsan
//   plain             2        265,744,922   98.5 %  acceptable  sees it
//                     1          4,073,830    1.5 %  forbidden
//   volatile          2        246,485,514   99.3 %  acceptable  sees it
//                     1          1,692,086   0.68 %  forbidden
//   load_then_store   2         26,467,639   92.9 %  acceptable  blind
//                     1          2,027,721    7.1 %  forbidden
//   mutex             2         24,405,232  100.0 %  acceptable  silent
//                     1                  0      0 %  forbidden
//   atomic            2         36,609,216  100.0 %  acceptable  silent
//                     1                  0      0 %  forbidden
//   relaxed           2         35,696,832  100.0 %  acceptable  silent
//                     1                  0      0 %  forbidden
//   compare_exchange  2         28,213,376  100.0 %  acceptable  silent
//                     1                  0      0 %  forbidden
//   shards            2        228,421,376  100.0 %  acceptable  silent
//                     1                  0      0 %  forbidden
//   spinlock          2         28,198,464  100.0 %  acceptable  silent
//                     1                  0      0 %  forbidden
//
// Volatile changes nothing: it keeps the compiler from folding, not the machine from interleaving.
// A load and a store that are atomic each are not one atomic step together: no data race, so
// ThreadSanitizer is right to be silent, and the update is lost all the same.
#include <atomic>
#include <mutex>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

struct Plain {
  int n = 0;
  void actor1() { n += 1; }
  void actor2() { n += 1; }
  int outcome() const { return n; }
};

struct Volatile {
  volatile int n = 0;
  void actor1() { n = n + 1; }
  void actor2() { n = n + 1; }
  int outcome() const { return n; }
};

struct LoadThenStore {
  std::atomic<int> n = 0;
  void actor1() { n.store(n.load() + 1); }
  void actor2() { n.store(n.load() + 1); }
  int outcome() const { return n; }
};

struct Mutex {
  std::mutex lock;  // protects n
  int n = 0;
  void increment() {
    const std::lock_guard guard(lock);
    n += 1;
  }
  void actor1() { increment(); }
  void actor2() { increment(); }
  int outcome() const { return n; }
};

struct Atomic {
  std::atomic<int> n = 0;
  void actor1() { n += 1; }
  void actor2() { n += 1; }
  int outcome() const { return n; }
};

struct Relaxed {
  std::atomic<int> n = 0;
  void actor1() { n.fetch_add(1, std::memory_order_relaxed); }
  void actor2() { n.fetch_add(1, std::memory_order_relaxed); }
  int outcome() const { return n; }
};

struct CompareExchange {
  std::atomic<int> n = 0;
  void increment() {
    int seen = n.load(std::memory_order_relaxed);
    while (!n.compare_exchange_weak(seen, seen + 1, std::memory_order_relaxed)) continue;
  }
  void actor1() { increment(); }
  void actor2() { increment(); }
  int outcome() const { return n; }
};

struct Shards {
  // One number a thread, added up by whoever reads: on cache lines of their own, see false_sharing.
  int mine1 = 0;
  int mine2 = 0;
  void actor1() { mine1 += 1; }
  void actor2() { mine2 += 1; }
  int outcome() const { return mine1 + mine2; }
};

struct Spinlock {
  std::atomic<bool> taken = false;  // taken with acquire, given back with release
  int n = 0;                        // protected by it
  void increment() {
    while (taken.exchange(true, std::memory_order_acquire)) continue;
    n += 1;
    taken.store(false, std::memory_order_release);
  }
  void actor1() { increment(); }
  void actor2() { increment(); }
  int outcome() const { return n; }
};

Experiment graded(Experiment experiment) {
  experiment.counter(2)
      .expect("2", acceptable, "both increments counted")
      .expect("1", forbidden, "both read the same number, so one increment was lost");
  return experiment;
}

}  // namespace

std::vector<Experiment> lost_update() {
  return {graded(broken<Plain>("lost_update/plain", "n += 1 on an int")),
          graded(broken<Volatile>("lost_update/volatile", "n = n + 1 on a volatile int")),
          graded(broken<LoadThenStore>("lost_update/load_then_store",
                                       "n.store(n.load() + 1) on a std::atomic<int>"))
              .view("tsan", Sight::blind, "both accesses are atomic, so there is no data race"),
          graded(fixed<Mutex>("lost_update/mutex", "n += 1 under a std::mutex")),
          graded(fixed<Atomic>("lost_update/atomic", "n += 1 on a std::atomic<int>")),
          graded(fixed<Relaxed>("lost_update/relaxed", "fetch_add with relaxed order")),
          graded(fixed<CompareExchange>("lost_update/compare_exchange",
                                        "a loop of compare_exchange_weak")),
          graded(fixed<Shards>("lost_update/shards", "one number a thread, added up at the end")),
          graded(fixed<Spinlock>("lost_update/spinlock", "n += 1 under a spinlock of our own"))};
}

}  // namespace contend::races
