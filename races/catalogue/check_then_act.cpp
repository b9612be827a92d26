// Check then act: a decision is made on a value that is no longer true when it is acted on. Each
// access is locked; the two together are not.
//
//   actor1 (withdraws 70)    actor2 (withdraws 70)
//   sees 100: enough
//                            sees 100: enough
//   takes 70: 30 left
//                            takes 70: -40 left
//
//   races run check_then_act
//
// On two busy CPUs:
//   variant           outcome       count    share  grade       tsan
//   two_sections      30        7,359,454   98.3 %  acceptable  blind
//                     -40         130,350    1.7 %  forbidden
//   atomic_steps      30       27,343,940   88.9 %  acceptable  blind
//                     -40       3,399,804   11.1 %  forbidden
//   one_section       30       26,051,616  100.0 %  acceptable  silent
//                     -40               0      0 %  forbidden
//   compare_exchange  30       30,612,672  100.0 %  acceptable  silent
//                     -40               0      0 %  forbidden
#include <atomic>
#include <mutex>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

struct TwoSections {
  std::mutex lock;  // protects balance, for one access at a time
  int balance = 100;
  bool has_enough() {
    const std::lock_guard guard(lock);
    return balance >= 70;
  }
  void take() {
    const std::lock_guard guard(lock);
    balance -= 70;
  }
  void withdraw() {
    if (has_enough()) take();
  }
  void actor1() { withdraw(); }
  void actor2() { withdraw(); }
  int outcome() const { return balance; }
};

struct AtomicSteps {
  std::atomic<int> balance = 100;
  void withdraw() {
    if (balance.load() >= 70) balance.fetch_sub(70);
  }
  void actor1() { withdraw(); }
  void actor2() { withdraw(); }
  int outcome() const { return balance; }
};

struct OneSection {
  std::mutex lock;  // protects balance, from the check to the act
  int balance = 100;
  void withdraw() {
    const std::lock_guard guard(lock);
    if (balance >= 70) balance -= 70;
  }
  void actor1() { withdraw(); }
  void actor2() { withdraw(); }
  int outcome() const { return balance; }
};

struct CompareExchange {
  std::atomic<int> balance = 100;
  void withdraw() {
    int seen = balance.load();
    while (seen >= 70 && !balance.compare_exchange_weak(seen, seen - 70)) continue;
  }
  void actor1() { withdraw(); }
  void actor2() { withdraw(); }
  int outcome() const { return balance; }
};

Experiment graded(Experiment experiment) {
  experiment.expect("30", acceptable, "one withdrawal, the other refused")
      .expect("-40", forbidden, "both were told that there is enough");
  return experiment;
}

constexpr const char* no_data_race = "every access is ordered, only the decision is not";

}  // namespace

std::vector<Experiment> check_then_act() {
  return {graded(broken<TwoSections>("check_then_act/two_sections",
                                     "check under the lock, then act under the lock"))
              .view("tsan", Sight::blind, no_data_race),
          graded(broken<AtomicSteps>("check_then_act/atomic_steps",
                                     "check an atomic, then subtract from it"))
              .view("tsan", Sight::blind, no_data_race),
          graded(fixed<OneSection>("check_then_act/one_section", "check and act under one lock")),
          graded(fixed<CompareExchange>("check_then_act/compare_exchange",
                                        "act only if the checked value still stands"))};
}

}  // namespace contend::races
