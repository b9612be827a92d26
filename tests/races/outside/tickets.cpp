// Two counters at a museum sell the last ticket.
#include <mutex>

#include <contend/races.hpp>

using namespace contend::races;

namespace {

struct Unlocked {
  int left = 1;
  int sold = 0;
  void sell() {
    if (left > 0) {
      left = left - 1;
      sold = sold + 1;
    }
  }
  void actor1() { sell(); }
  void actor2() { sell(); }
  int outcome() const { return left; }
};

struct Locked {
  std::mutex lock;  // protects left
  int left = 1;
  void sell() {
    const std::lock_guard guard(lock);
    if (left > 0) left = left - 1;
  }
  void actor1() { sell(); }
  void actor2() { sell(); }
  int outcome() const { return left; }
};

}  // namespace

std::vector<Experiment> contend::races::catalogue() {
  return {broken<Unlocked>("tickets/unlocked", "sell the last ticket without a lock")
              .expect("0", acceptable, "sold")
              .expect("-1", forbidden, "sold twice")
              .view("native", Sight::blind, "both write the 0 that they computed from the same 1"),
          fixed<Locked>("tickets/locked", "sell the last ticket under a lock")
              .expect("0", acceptable, "sold once")};
}
