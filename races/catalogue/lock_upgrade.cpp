// Broken readers-writer upgrade: what was read under the shared lock is old when the exclusive lock
// has come.
//
//   actor1                     actor2
//   reads n: 0 (shared)
//                              reads n: 0 (shared)
//   writes n: 1 (exclusive)
//                              writes n: 1 (exclusive)
//
//   races run lock_upgrade
//
// On two busy CPUs:
//   variant     outcome      count    share  grade       tsan
//   stale       2        8,242,386   99.9 %  acceptable  blind
//               1            5,678  0.069 %  forbidden
//   read_again  2        8,607,232  100.0 %  acceptable  silent
//               1                0      0 %  forbidden
#include <mutex>
#include <shared_mutex>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

struct Stale {
  std::shared_mutex lock;  // protects n
  int n = 0;
  void increment() {
    int seen = 0;
    {
      const std::shared_lock guard(lock);
      seen = n;
    }
    const std::unique_lock guard(lock);
    n = seen + 1;
  }
  void actor1() { increment(); }
  void actor2() { increment(); }
  int outcome() const { return n; }
};

struct ReadAgain {
  std::shared_mutex lock;  // protects n
  int n = 0;
  void increment() {
    int seen = 0;
    {
      const std::shared_lock guard(lock);
      seen = n;
    }
    const std::unique_lock guard(lock);
    seen = n;
    n = seen + 1;
  }
  void actor1() { increment(); }
  void actor2() { increment(); }
  int outcome() const { return n; }
};

Experiment graded(Experiment experiment) {
  experiment.counter(2)
      .expect("2", acceptable, "both increments counted")
      .expect("1", forbidden, "an increment was made on what had been read before");
  return experiment;
}

}  // namespace

std::vector<Experiment> lock_upgrade() {
  return {
      graded(broken<Stale>("lock_upgrade/stale", "write what was read before"))
          .view("tsan", Sight::blind, "every access is locked, only the decision is old"),
      graded(fixed<ReadAgain>("lock_upgrade/read_again", "read again under the exclusive lock"))};
}

}  // namespace contend::races
