// False sharing: two threads never touch the same number, but the same cache line. Nothing is lost;
// the line travels to and fro, and that is the price.
//
//   actor1 (CPU 0)                  actor2 (CPU 1)
//   takes the line, adds to mine1
//                                   takes the line, adds to mine2
//   takes the line back, …
//
//   races run false_sharing        (compare the column "cost")
//
// On two busy CPUs:
//   variant    outcome       count    share  grade       tsan
//   own_lines  64, 64   13,322,432  100.0 %  acceptable  silent
//   same_line  64, 64    8,056,832  100.0 %  acceptable  silent
#include <atomic>
#include <tuple>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

constexpr int times = 64;

void add(std::atomic<int>& number) {
  for (int i = 0; i < times; ++i) {
    number.store(number.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
}

struct OwnLines {
  alignas(64) std::atomic<int> mine1 = 0;
  alignas(64) std::atomic<int> mine2 = 0;
  void actor1() { add(mine1); }
  void actor2() { add(mine2); }
  std::tuple<int, int> outcome() const { return {mine1.load(), mine2.load()}; }
};

struct SameLine {
  alignas(64) std::atomic<int> mine1 = 0;
  std::atomic<int> mine2 = 0;
  void actor1() { add(mine1); }
  void actor2() { add(mine2); }
  std::tuple<int, int> outcome() const { return {mine1.load(), mine2.load()}; }
};

Experiment graded(Experiment experiment) {
  experiment.expect("64, 64", acceptable, "each thread's number is its own").at_most(4096);
  return experiment;
}

}  // namespace

std::vector<Experiment> false_sharing() {
  return {graded(fixed<OwnLines>("false_sharing/own_lines", "each number on its own cache line")),
          graded(fixed<SameLine>("false_sharing/same_line", "both numbers on one cache line"))};
}

}  // namespace contend::races
