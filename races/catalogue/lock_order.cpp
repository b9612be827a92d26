// Lock order: two threads take the same two locks the other way round, and wait for each other for
// ever.
//
//   actor1                 actor2
//   takes left
//                          takes right
//   waits for right
//                          waits for left
//
//   races run lock_order
//
// On two busy CPUs:
//   variant      outcome       count    share  grade       tsan
//   two_orders   hang              1           forbidden   sees it
//   one_order    2        12,628,342  100.0 %  acceptable  silent
//   scoped_lock  2         9,734,629  100.0 %  acceptable  silent
//
// ThreadSanitizer sees the two orders even in a run that does not hang.
#include <mutex>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

struct TwoOrders {
  std::mutex left;
  std::mutex right;
  int moved = 0;  // protected by both
  void actor1() {
    const std::lock_guard first(left);
    const std::lock_guard second(right);
    moved += 1;
  }
  void actor2() {
    const std::lock_guard first(right);
    const std::lock_guard second(left);
    moved += 1;
  }
  int outcome() const { return moved; }
};

struct OneOrder {
  std::mutex left;  // always before right
  std::mutex right;
  int moved = 0;  // protected by both
  void move() {
    const std::lock_guard first(left);
    const std::lock_guard second(right);
    moved += 1;
  }
  void actor1() { move(); }
  void actor2() { move(); }
  int outcome() const { return moved; }
};

struct BothAtOnce {
  std::mutex left;
  std::mutex right;
  int moved = 0;  // protected by both
  void actor1() {
    const std::scoped_lock both(left, right);
    moved += 1;
  }
  void actor2() {
    const std::scoped_lock both(right, left);
    moved += 1;
  }
  int outcome() const { return moved; }
};

Experiment graded(Experiment experiment) {
  experiment.expect("2", acceptable, "both got both locks")
      .expect("hang", forbidden, "each waits for the lock that the other holds");
  return experiment;
}

}  // namespace

std::vector<Experiment> lock_order() {
  return {graded(broken<TwoOrders>("lock_order/two_orders", "left then right, right then left")),
          graded(fixed<OneOrder>("lock_order/one_order", "everybody takes left first")),
          graded(fixed<BothAtOnce>("lock_order/scoped_lock", "std::scoped_lock takes both"))};
}

}  // namespace contend::races
