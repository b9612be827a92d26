// Folded loop: the textbook lets two threads say n += 1 a thousand times each and promises a total
// below two thousand. The optimiser makes one addition of the loop, so that there is hardly
// anything left to interleave, and what is lost is lost all at once.
//
//   actor1 (sixteen times n += 1)    actor2 (the same)
//   reads n: 0
//                                    reads n: 0
//   writes n: 16
//                                    writes n: 16     sixteen increments gone, never one or two
//
//   races run folded_loop
//
// On two busy CPUs:
//   variant   outcome        count     share  grade       tsan
//   plain     32       247,426,955    98.4 %  acceptable  sees it
//             16         4,087,349     1.6 %  forbidden
//   volatile  32        32,374,214    98.8 %  acceptable  sees it
//             16           387,044     1.2 %  forbidden
//             31             2,117  0.0065 %  forbidden
//             30             1,890  0.0058 %  forbidden
//             13 more        9,519
//   mutex     32        23,965,170   100.0 %  acceptable  silent
//   atomic    32         3,553,920   100.0 %  acceptable  silent
//
// Volatile keeps the compiler from folding: then every increment can be lost by itself, and more
// trials go wrong. That makes a better demonstration and no better program.
#include <atomic>
#include <mutex>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

constexpr int times = 16;

struct Plain {
  int n = 0;
  void add() {
    for (int i = 0; i < times; ++i) n += 1;
  }
  void actor1() { add(); }
  void actor2() { add(); }
  int outcome() const { return n; }
};

struct Volatile {
  volatile int n = 0;
  void add() {
    for (int i = 0; i < times; ++i) n = n + 1;
  }
  void actor1() { add(); }
  void actor2() { add(); }
  int outcome() const { return n; }
};

struct Mutex {
  std::mutex lock;  // protects n
  int n = 0;
  void add() {
    const std::lock_guard guard(lock);
    for (int i = 0; i < times; ++i) n += 1;
  }
  void actor1() { add(); }
  void actor2() { add(); }
  int outcome() const { return n; }
};

struct Atomic {
  std::atomic<int> n = 0;
  void add() {
    for (int i = 0; i < times; ++i) n += 1;
  }
  void actor1() { add(); }
  void actor2() { add(); }
  int outcome() const { return n; }
};

Experiment graded(Experiment experiment) {
  experiment.expect("32", acceptable, "every increment counted")
      .expect("*", forbidden, "increments were lost");
  return experiment;
}

}  // namespace

std::vector<Experiment> folded_loop() {
  return {
      graded(broken<Plain>("folded_loop/plain", "sixteen times n += 1, folded into one n += 16")
                 .expect("16", forbidden, "one folded loop was lost as a whole")),
      graded(broken<Volatile>("folded_loop/volatile", "the same on a volatile int: not folded")),
      graded(fixed<Mutex>("folded_loop/mutex", "the loop under a std::mutex")),
      graded(fixed<Atomic>("folded_loop/atomic", "sixteen additions to a std::atomic<int>"))};
}

}  // namespace contend::races
