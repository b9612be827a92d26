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
//   variant                          outcome           count      share  grade       tsan
//   store_buffering/relaxed          0, 1        109,511,199     62.9 %  acceptable  blind
//                                    1, 0         57,168,513     32.8 %  acceptable
//                                    0, 0          7,483,604      4.3 %  forbidden
//                                    1, 1                 76  4.4e-05 %  acceptable
//   store_buffering/release_acquire  0, 1        124,712,508     66.2 %  acceptable  blind
//                                    1, 0         56,820,938     30.2 %  acceptable
//                                    0, 0          6,919,674      3.7 %  forbidden
//                                    1, 1                 64  3.4e-05 %  acceptable
//   store_buffering/seq_cst          0, 1         16,140,861     55.2 %  acceptable  silent
//                                    1, 0         12,964,936     44.3 %  acceptable
//                                    1, 1            144,571     0.49 %  acceptable
//                                    0, 0                  0        0 %  forbidden
//   load_buffering/relaxed           0, 1        131,232,786     66.1 %  acceptable  silent
//                                    1, 0         61,634,045     31.0 %  acceptable
//                                    0, 0          5,684,017      2.9 %  acceptable
//   iriw/acquire                     1, 1, 0, 0    7,633,231     22.9 %  acceptable  blind
//                                    0, 0, 1, 1    7,594,083     22.8 %  acceptable
//                                    0, 0, 0, 0    7,568,097     22.7 %  acceptable
//                                    1, 1, 1, 1    7,561,790     22.7 %  acceptable
//                                    1, 0, 1, 0            0        0 %  forbidden
//                                    10 more       2,927,919
//   iriw/seq_cst                     1, 1, 1, 1    9,040,384     29.1 %  acceptable  silent
//                                    0, 0, 0, 0    7,894,815     25.4 %  acceptable
//                                    1, 1, 0, 0    6,226,887     20.0 %  acceptable
//                                    0, 0, 1, 1    5,632,020     18.1 %  acceptable
//                                    1, 0, 1, 0            0        0 %  forbidden
//                                    10 more       2,297,862
//
// x86 does buffer stores, so relaxed store buffering shows natively; load buffering and readers
// that disagree (IRIW) need another machine.
#include <array>
#include <atomic>
#include <tuple>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

struct RelaxedBuffering {
  std::atomic<int> x = 0;
  std::atomic<int> y = 0;
  int seen1 = 0;
  int seen2 = 0;
  void actor1() {
    x.store(1, std::memory_order_relaxed);
    seen1 = y.load(std::memory_order_relaxed);
  }
  void actor2() {
    y.store(1, std::memory_order_relaxed);
    seen2 = x.load(std::memory_order_relaxed);
  }
  std::tuple<int, int> outcome() const { return {seen1, seen2}; }
};

struct ReleasedBuffering {
  std::atomic<int> x = 0;
  std::atomic<int> y = 0;
  int seen1 = 0;
  int seen2 = 0;
  void actor1() {
    x.store(1, std::memory_order_release);
    seen1 = y.load(std::memory_order_acquire);
  }
  void actor2() {
    y.store(1, std::memory_order_release);
    seen2 = x.load(std::memory_order_acquire);
  }
  std::tuple<int, int> outcome() const { return {seen1, seen2}; }
};

struct SequentialBuffering {
  std::atomic<int> x = 0;
  std::atomic<int> y = 0;
  int seen1 = 0;
  int seen2 = 0;
  void actor1() {
    x.store(1, std::memory_order_seq_cst);
    seen1 = y.load(std::memory_order_seq_cst);
  }
  void actor2() {
    y.store(1, std::memory_order_seq_cst);
    seen2 = x.load(std::memory_order_seq_cst);
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
struct AcquiringReaders {
  std::atomic<int> x = 0;
  std::atomic<int> y = 0;
  std::array<int, 4> seen{};
  void actor1() { x.store(1); }
  void actor2() { y.store(1); }
  void actor3() {
    seen[0] = x.load(std::memory_order_acquire);
    seen[1] = y.load(std::memory_order_acquire);
  }
  void actor4() {
    seen[2] = y.load(std::memory_order_acquire);
    seen[3] = x.load(std::memory_order_acquire);
  }
  std::array<int, 4> outcome() const { return seen; }
};

struct SequentialReaders {
  std::atomic<int> x = 0;
  std::atomic<int> y = 0;
  std::array<int, 4> seen{};
  void actor1() { x.store(1); }
  void actor2() { y.store(1); }
  void actor3() {
    seen[0] = x.load();
    seen[1] = y.load();
  }
  void actor4() {
    seen[2] = y.load();
    seen[3] = x.load();
  }
  std::array<int, 4> outcome() const { return seen; }
};

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
  return {
      read_apart(broken<AcquiringReaders>("iriw/acquire", "readers that only acquire may disagree"))
          .view("native", Sight::blind, "x86 has one order of stores for all")
          .view("tsan", Sight::blind, no_data_race),
      read_apart(
          fixed<SequentialReaders>("iriw/seq_cst", "sequentially consistent readers agree"))};
}

}  // namespace contend::races
