// What a machine may do with two variables: the litmus tests of the memory models. Each is legal
// C++; only the order asked for decides what may be seen.
//
//   store buffering: actor1            actor2
//                    x = 1 (buffered)
//                                      y = 1 (buffered)
//                    reads y: 0
//                                      reads x: 0      both stores came too late
//
//   races run store_buffering load_buffering iriw
//
// On two busy CPUs:
//   variant                          outcome         count     share  grade       tsan
//   store_buffering/relaxed          1, 0        1,029,974    48.5 %  acceptable  blind
//                                    0, 1          966,756    45.5 %  acceptable
//                                    0, 0          128,838     6.1 %  forbidden
//   store_buffering/release_acquire  1, 0        4,203,608    60.5 %  acceptable  blind
//                                    0, 1        2,385,075    34.3 %  acceptable
//                                    0, 0          359,349     5.2 %  forbidden
//   store_buffering/seq_cst          0, 1        1,719,422    66.7 %  acceptable  silent
//                                    1, 0          859,886    33.3 %  acceptable
//                                    1, 1               84  0.0033 %  acceptable
//                                    0, 0                0       0 %  forbidden
//   load_buffering/relaxed           0, 1        2,529,866    59.5 %  acceptable  silent
//                                    1, 0        1,531,077    36.0 %  acceptable
//                                    0, 0          192,753     4.5 %  acceptable
//   iriw/acquire                     0, 1, 0, 0    262,147    61.5 %  acceptable  blind
//                                    0, 0, 0, 0     65,621    15.4 %  acceptable
//                                    1, 1, 0, 0     32,880     7.7 %  acceptable
//                                    1, 1, 1, 1     32,846     7.7 %  acceptable
//                                    1, 0, 1, 0          0       0 %  forbidden
//                                    10 more        33,002
//   iriw/seq_cst                     0, 1, 0, 0    262,229    88.8 %  acceptable  silent
//                                    0, 0, 0, 0     32,848    11.1 %  acceptable
//                                    1, 1, 1, 1         88    0.03 %  acceptable
//                                    1, 0, 1, 1         87   0.029 %  acceptable
//                                    1, 0, 1, 0          0       0 %  forbidden
//                                    8 more            172
//
// x86 does buffer stores, so relaxed store buffering shows natively; load buffering and readers
// that disagree (IRIW) need another machine.
#include <array>
#include <atomic>
#include <tuple>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

template <std::memory_order store, std::memory_order load>
struct StoreBuffering {
  std::atomic<int> x = 0;
  std::atomic<int> y = 0;
  int seen1 = 0;
  int seen2 = 0;
  void actor1() {
    x.store(1, store);
    seen1 = y.load(load);
  }
  void actor2() {
    y.store(1, store);
    seen2 = x.load(load);
  }
  std::tuple<int, int> outcome() const { return {seen1, seen2}; }
};

struct LoadBuffering {
  std::atomic<int> x = 0;
  std::atomic<int> y = 0;
  int seen1 = 0;
  int seen2 = 0;
  void actor1() {
    seen1 = x.load(std::memory_order_relaxed);
    y.store(1, std::memory_order_relaxed);
  }
  void actor2() {
    seen2 = y.load(std::memory_order_relaxed);
    x.store(1, std::memory_order_relaxed);
  }
  std::tuple<int, int> outcome() const { return {seen1, seen2}; }
};

/// Independent reads of independent writes: do two readers agree which of two stores came first?
template <std::memory_order load>
struct IndependentReads {
  std::atomic<int> x = 0;
  std::atomic<int> y = 0;
  std::array<int, 4> seen{};
  void actor1() { x.store(1); }
  void actor2() { y.store(1); }
  void actor3() {
    seen[0] = x.load(load);
    seen[1] = y.load(load);
  }
  void actor4() {
    seen[2] = y.load(load);
    seen[3] = x.load(load);
  }
  std::array<int, 4> outcome() const { return seen; }
};

using RelaxedBuffering = StoreBuffering<std::memory_order_relaxed, std::memory_order_relaxed>;
using ReleasedBuffering = StoreBuffering<std::memory_order_release, std::memory_order_acquire>;
using SequentialBuffering = StoreBuffering<std::memory_order_seq_cst, std::memory_order_seq_cst>;

constexpr const char* no_data_race = "everything is atomic, so there is no data race";

Experiment buffered(Experiment experiment) {
  experiment.expect("0, 1", acceptable, "actor1 came first")
      .expect("1, 0", acceptable, "actor2 came first")
      .expect("1, 1", acceptable, "both stores came before both loads");
  return experiment;
}

Experiment read_apart(Experiment experiment) {
  experiment.expect("1, 0, 1, 0", forbidden, "the readers disagree which store came first")
      .expect("*", acceptable, "there is one order of the stores that explains it");
  return experiment;
}

}  // namespace

std::vector<Experiment> store_buffering() {
  const char* stale = "each read before the other's store arrived";
  return {buffered(broken<RelaxedBuffering>("store_buffering/relaxed", "relaxed stores and loads"))
              .expect("0, 0", forbidden, stale)
              .view("tsan", Sight::blind, no_data_race),
          buffered(broken<ReleasedBuffering>("store_buffering/release_acquire",
                                             "release and acquire are not enough here"))
              .expect("0, 0", forbidden, stale)
              .view("tsan", Sight::blind, no_data_race),
          buffered(fixed<SequentialBuffering>("store_buffering/seq_cst",
                                              "sequentially consistent stores and loads"))
              .expect("0, 0", forbidden, stale)};
}

std::vector<Experiment> load_buffering() {
  return {fixed<LoadBuffering>("load_buffering/relaxed", "each loads, then stores for the other")
              .expect("0, 0", acceptable, "both loads came before both stores")
              .expect("0, 1", acceptable, "actor1 came first")
              .expect("1, 0", acceptable, "actor2 came first")
              .expect("1, 1", interesting, "each saw the other's later store; never on x86")};
}

std::vector<Experiment> iriw() {
  return {read_apart(broken<IndependentReads<std::memory_order_acquire>>(
                         "iriw/acquire", "readers that only acquire may disagree"))
              .view("native", Sight::blind, "x86 has one order of stores for all")
              .view("tsan", Sight::blind, no_data_race),
          read_apart(fixed<IndependentReads<std::memory_order_seq_cst>>(
              "iriw/seq_cst", "sequentially consistent readers agree"))};
}

}  // namespace contend::races
