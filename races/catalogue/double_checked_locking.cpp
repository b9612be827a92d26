// Double-checked locking: the first check is made without the lock. If the pointer is not atomic,
// it may be seen before what it points to.
//
//   actor1                      actor2
//   takes the lock
//   p = &object   (reordered)
//                               sees p, reads object: not made yet
//   writes object
//
//   races run double_checked_locking
//
// On two busy CPUs:
//   variant          outcome       count    share  grade       tsan
//   plain            42, 42   11,912,000  100.0 %  acceptable  sees it
//   relaxed          42, 42   11,800,704  100.0 %  acceptable  sees it
//   release_acquire  42, 42   11,968,512  100.0 %  acceptable  silent
//
// The x86 machine keeps stores in order, and g++ and clang do not swap these two: natively the bad
// outcome never comes. It is a data race nevertheless, and ThreadSanitizer sees it.
#include <atomic>
#include <mutex>
#include <tuple>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

struct PlainPointer {
  std::mutex lock;  // protects the making
  int object = 0;
  int* pointer = nullptr;
  int got1 = 0;
  int got2 = 0;
  int get() {
    if (pointer == nullptr) {
      const std::lock_guard guard(lock);
      if (pointer == nullptr) {
        object = 42;
        pointer = &object;
      }
    }
    return *pointer;
  }
  void actor1() { got1 = get(); }
  void actor2() { got2 = get(); }
  std::tuple<int, int> outcome() const { return {got1, got2}; }
};

struct RelaxedPointer {
  std::mutex lock;  // protects the making
  int object = 0;
  std::atomic<int*> pointer = nullptr;
  int got1 = 0;
  int got2 = 0;
  int get() {
    int* seen = pointer.load(std::memory_order_relaxed);
    if (seen == nullptr) {
      const std::lock_guard guard(lock);
      seen = pointer.load(std::memory_order_relaxed);
      if (seen == nullptr) {
        object = 42;
        seen = &object;
        pointer.store(seen, std::memory_order_relaxed);
      }
    }
    return *seen;
  }
  void actor1() { got1 = get(); }
  void actor2() { got2 = get(); }
  std::tuple<int, int> outcome() const { return {got1, got2}; }
};

struct ReleasedPointer {
  std::mutex lock;  // protects the making
  int object = 0;
  std::atomic<int*> pointer = nullptr;
  int got1 = 0;
  int got2 = 0;
  int get() {
    int* seen = pointer.load(std::memory_order_acquire);
    if (seen == nullptr) {
      const std::lock_guard guard(lock);
      seen = pointer.load(std::memory_order_relaxed);
      if (seen == nullptr) {
        object = 42;
        seen = &object;
        pointer.store(seen, std::memory_order_release);
      }
    }
    return *seen;
  }
  void actor1() { got1 = get(); }
  void actor2() { got2 = get(); }
  std::tuple<int, int> outcome() const { return {got1, got2}; }
};

Experiment graded(Experiment experiment) {
  experiment.expect("42, 42", acceptable, "both got the finished object")
      .expect("*", forbidden, "somebody got the object before it was made");
  return experiment;
}

constexpr const char* x86 = "x86 keeps the two stores in order";

}  // namespace

std::vector<Experiment> double_checked_locking() {
  return {
      graded(broken<PlainPointer>("double_checked_locking/plain", "a plain pointer"))
          .view("native", Sight::blind, x86),
      graded(broken<RelaxedPointer>("double_checked_locking/relaxed", "an atomic pointer, relaxed"))
          .view("native", Sight::blind, x86),
      graded(fixed<ReleasedPointer>("double_checked_locking/release_acquire",
                                    "an atomic pointer, released and acquired"))};
}

}  // namespace contend::races
