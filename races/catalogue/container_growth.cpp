// A container grown while it is read: growth moves the elements, and the reader goes on in the
// memory that was given back.
//
//   actor1                          actor2
//                                   begins to walk the elements
//   push_back: no room, moves them
//   frees the old memory
//                                   reads freed memory
//
//   races run container_growth
//
// On two busy CPUs:
//   variant   outcome      count   share  grade       tsan
//   unlocked  crash            1          forbidden   sees it
//   mutex     4        2,069,548  93.4 %  acceptable  silent
//             5          146,068   6.6 %  acceptable
#include <mutex>
#include <numeric>
#include <vector>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

struct Unlocked {
  std::vector<int> numbers = std::vector<int>(4, 1);
  int sum = 0;
  void actor1() { numbers.push_back(1); }
  void actor2() { sum = std::accumulate(numbers.begin(), numbers.end(), 0); }
  int outcome() const { return sum; }
};

struct Locked {
  std::mutex lock;  // protects numbers
  std::vector<int> numbers = std::vector<int>(4, 1);
  int sum = 0;
  void actor1() {
    const std::lock_guard guard(lock);
    numbers.push_back(1);
  }
  void actor2() {
    const std::lock_guard guard(lock);
    sum = std::accumulate(numbers.begin(), numbers.end(), 0);
  }
  int outcome() const { return sum; }
};

Experiment graded(Experiment experiment) {
  experiment.expect("4", acceptable, "summed before the growth")
      .expect("5", acceptable, "summed after the growth")
      .expect("crash", forbidden, "walked from the old memory to the end of the new")
      .expect("*", forbidden, "summed memory that was freed already")
      .at_most(1024);
  return experiment;
}

}  // namespace

std::vector<Experiment> container_growth() {
  return {graded(broken<Unlocked>("container_growth/unlocked", "push_back while another walks")),
          graded(fixed<Locked>("container_growth/mutex", "push_back and walk under one lock"))};
}

}  // namespace contend::races
