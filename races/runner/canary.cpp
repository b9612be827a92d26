#include "races/runner/canary.hpp"

#include <mutex>

namespace contend::races {
namespace {

struct Racy {
  int n = 0;
  void actor1() { n += 1; }
  void actor2() { n += 1; }
  int outcome() const { return n; }
};

struct Locked {
  std::mutex lock;  // protects n
  int n = 0;
  void actor1() {
    const std::lock_guard guard(lock);
    n += 1;
  }
  void actor2() {
    const std::lock_guard guard(lock);
    n += 1;
  }
  int outcome() const { return n; }
};

Experiment graded(Experiment experiment) {
  experiment.counter(2)
      .expect("2", acceptable, "both increments counted")
      .expect("1", forbidden, "one increment was lost");
  return experiment;
}

}  // namespace

std::vector<Experiment> canaries() {
  return {graded(broken<Racy>("canary/racy", "a race that must be found")),
          graded(fixed<Locked>("canary/locked", "a lock that must keep every lens silent"))};
}

}  // namespace contend::races
