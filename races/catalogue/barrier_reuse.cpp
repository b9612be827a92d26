// Broken barrier reuse: the last to arrive resets the count, goes round, and arrives again before
// the one who waited has seen the reset.
//
//   actor1 (waits)            actor2 (last)
//   count is 1: waits for 0
//                             count = 0, goes on
//                             arrives again: count = 1
//   sees 1: waits for ever    waits for ever
//
//   races run barrier_reuse
//
// On two busy CPUs:
//   variant      outcome    count    share  grade       tsan
//   counting     hang           1           forbidden   blind
//   generations  1        870,400  100.0 %  acceptable  silent
//   std_barrier  1        104,896  100.0 %  acceptable  silent
#include <atomic>
#include <barrier>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

struct Counting {
  std::atomic<int> count = 0;
  void wait() {
    if (count.fetch_add(1) + 1 == 2) {
      count = 0;
    } else {
      while (count != 0) continue;
    }
  }
  void rounds() {
    for (int i = 0; i < 4; ++i) wait();
  }
  void actor1() { rounds(); }
  void actor2() { rounds(); }
  int outcome() const { return 1; }
};

struct Generations {
  std::atomic<int> count = 0;
  std::atomic<int> generation = 0;
  void wait() {
    const int mine = generation;
    if (count.fetch_add(1) + 1 == 2) {
      count = 0;
      generation.fetch_add(1);
    } else {
      while (generation == mine) continue;
    }
  }
  void rounds() {
    for (int i = 0; i < 4; ++i) wait();
  }
  void actor1() { rounds(); }
  void actor2() { rounds(); }
  int outcome() const { return 1; }
};

struct Standard {
  std::barrier<> barrier{2};
  void rounds() {
    for (int i = 0; i < 4; ++i) barrier.arrive_and_wait();
  }
  void actor1() { rounds(); }
  void actor2() { rounds(); }
  int outcome() const { return 1; }
};

Experiment graded(Experiment experiment) {
  experiment.expect("1", acceptable, "four rounds, together")
      .expect("hang", forbidden, "both wait for a reset that came and went")
      .at_most(128);  // std::barrier waits for milliseconds on a busy machine
  return experiment;
}

}  // namespace

std::vector<Experiment> barrier_reuse() {
  return {graded(broken<Counting>("barrier_reuse/counting", "wait until the count is 0 again"))
              .view("tsan", Sight::blind, "everything is atomic, so there is no data race"),
          graded(fixed<Generations>("barrier_reuse/generations", "wait until the round is over")),
          graded(fixed<Standard>("barrier_reuse/std_barrier", "std::barrier"))};
}

}  // namespace contend::races
