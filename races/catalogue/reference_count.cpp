// Reference count dropped twice: two owners let go, and both, or neither, find themselves the last.
//
//   actor1                 actor2
//   refs = 1
//                          refs = 0
//   reads refs: 0          reads refs: 0
//   frees                  frees again
//
//   races run reference_count shared_pointer
//
// On two busy CPUs:
//   variant                     outcome       count     share  grade       tsan
//   reference_count/plain       1        86,547,143    99.2 %  acceptable  sees it
//                               0           685,113    0.79 %  forbidden
//                               2                 0       0 %  forbidden
//   reference_count/read_again  1        31,772,902   100.0 %  acceptable  blind
//                               2             2,458  0.0077 %  forbidden
//                               0                 0       0 %  forbidden
//   reference_count/one_step    1        33,633,792   100.0 %  acceptable  silent
//                               0                 0       0 %  forbidden
//                               2                 0       0 %  forbidden
//   shared_pointer/plain        crash             1            forbidden   sees it
//   shared_pointer/mutex        1         1,725,079    69.8 %  acceptable  silent
//                               2           746,857    30.2 %  acceptable
#include <atomic>
#include <memory>
#include <mutex>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

struct Plain {
  int refs = 2;
  std::atomic<int> freed = 0;
  void drop() {
    if (--refs == 0) freed.fetch_add(1, std::memory_order_relaxed);
  }
  void actor1() { drop(); }
  void actor2() { drop(); }
  int outcome() const { return freed; }
};

struct ReadAgain {
  std::atomic<int> refs = 2;
  std::atomic<int> freed = 0;
  void drop() {
    refs.fetch_sub(1);
    if (refs.load() == 0) freed.fetch_add(1, std::memory_order_relaxed);
  }
  void actor1() { drop(); }
  void actor2() { drop(); }
  int outcome() const { return freed; }
};

struct OneStep {
  std::atomic<int> refs = 2;
  std::atomic<int> freed = 0;
  void drop() {
    if (refs.fetch_sub(1) == 1) freed.fetch_add(1, std::memory_order_relaxed);
  }
  void actor1() { drop(); }
  void actor2() { drop(); }
  int outcome() const { return freed; }
};

/// The count inside a shared_ptr is safe; the shared_ptr itself is an object like any other.
struct CopiedWhileAssigned {
  std::shared_ptr<int> shared = std::make_shared<int>(1);
  std::shared_ptr<int> copy;
  void actor1() { shared = std::make_shared<int>(2); }
  void actor2() { copy = shared; }
  int outcome() const { return copy ? *copy : 0; }
};

struct CopiedUnderLock {
  std::mutex lock;  // protects shared
  std::shared_ptr<int> shared = std::make_shared<int>(1);
  std::shared_ptr<int> copy;
  void actor1() {
    auto made = std::make_shared<int>(2);
    const std::lock_guard guard(lock);
    shared.swap(made);
  }
  void actor2() {
    const std::lock_guard guard(lock);
    copy = shared;
  }
  int outcome() const { return copy ? *copy : 0; }
};

Experiment freed_once(Experiment experiment) {
  experiment.expect("1", acceptable, "the last owner freed it")
      .expect("0", forbidden, "nobody freed it")
      .expect("2", forbidden, "it was freed twice");
  return experiment;
}

Experiment copied(Experiment experiment) {
  experiment.expect("1", acceptable, "copied before the assignment")
      .expect("2", acceptable, "copied after the assignment")
      .expect("crash", forbidden, "the copy counted in memory that was freed already")
      .expect("hang", forbidden, "the heap was corrupted, and its lock never came back")
      .expect("*", forbidden, "the copy points to memory that was freed already")
      .at_most(1024);
  return experiment;
}

}  // namespace

std::vector<Experiment> reference_count() {
  return {freed_once(broken<Plain>("reference_count/plain", "--refs on an int")),
          freed_once(broken<ReadAgain>("reference_count/read_again",
                                       "subtract, then read again whether it is 0"))
              .view("tsan", Sight::blind, "everything is atomic, so there is no data race"),
          freed_once(fixed<OneStep>("reference_count/one_step",
                                    "ask the subtraction itself what was there"))};
}

std::vector<Experiment> shared_pointer() {
  return {copied(broken<CopiedWhileAssigned>("shared_pointer/plain",
                                             "a shared_ptr copied while it is assigned")),
          copied(fixed<CopiedUnderLock>("shared_pointer/mutex",
                                        "a shared_ptr copied and assigned under a lock"))};
}

}  // namespace contend::races
