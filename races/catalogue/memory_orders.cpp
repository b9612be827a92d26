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
//   variant                          outcome         count      share  grade       tsan
//   store_buffering/relaxed          1, 0        7,375,866     50.7 %  acceptable  blind
//                                    0, 1        7,046,927     48.5 %  acceptable
//                                    0, 0          118,492     0.81 %  forbidden
//                                    1, 1               27  0.00019 %  acceptable
//   store_buffering/release_acquire  1, 0        7,675,797     56.8 %  acceptable  blind
//                                    0, 1        5,769,988     42.7 %  acceptable
//                                    0, 0           79,690     0.59 %  forbidden
//                                    1, 1               29  0.00021 %  acceptable
//   store_buffering/seq_cst          0, 1        1,269,562     52.3 %  acceptable  silent
//                                    1, 0        1,106,200     45.6 %  acceptable
//                                    1, 1           49,838      2.1 %  acceptable
//                                    0, 0                0        0 %  forbidden
//   load_buffering/relaxed           0, 1        2,901,905     68.4 %  acceptable  silent
//                                    1, 0        1,283,658     30.3 %  acceptable
//                                    0, 0           54,501      1.3 %  acceptable
//   iriw/acquire                     1, 1, 1, 1    262,173     87.4 %  acceptable  blind
//                                    1, 0, 0, 1     32,862     11.0 %  acceptable
//                                    1, 1, 0, 0      4,123      1.4 %  acceptable
//                                    1, 0, 1, 1        579     0.19 %  acceptable
//                                    1, 0, 1, 0          0        0 %  forbidden
//                                    10 more           295
//   iriw/seq_cst                     1, 1, 1, 1    262,171     87.4 %  acceptable  silent
//                                    0, 1, 1, 0     32,793     10.9 %  acceptable
//                                    1, 0, 1, 1      4,156      1.4 %  acceptable
//                                    0, 0, 0, 0        549     0.18 %  acceptable
//                                    1, 0, 1, 0          0        0 %  forbidden
//                                    10 more           363
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
