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
//   store_buffering/relaxed          0, 1        125,421,925     62.0 %  acceptable  blind
//                                    1, 0         71,992,799     35.6 %  acceptable
//                                    0, 0          4,915,705      2.4 %  forbidden
//                                    1, 1                 67  3.3e-05 %  acceptable
//   store_buffering/release_acquire  0, 1        122,219,059     60.4 %  acceptable  blind
//                                    1, 0         74,984,366     37.0 %  acceptable
//                                    0, 0          5,274,703      2.6 %  forbidden
//                                    1, 1                 80    4e-05 %  acceptable
//   store_buffering/seq_cst          0, 1         18,733,489     55.2 %  acceptable  silent
//                                    1, 0         15,103,260     44.5 %  acceptable
//                                    1, 1            106,803     0.31 %  acceptable
//                                    0, 0                  0        0 %  forbidden
//   load_buffering/relaxed           0, 1        136,768,106     62.1 %  acceptable  silent
//                                    1, 0         78,546,953     35.7 %  acceptable
//                                    0, 0          5,000,589      2.3 %  acceptable
//   iriw/acquire                     0, 0, 0, 0    8,383,018     24.3 %  acceptable  blind
//                                    1, 1, 1, 1    7,949,634     23.0 %  acceptable
//                                    0, 0, 1, 1    7,753,769     22.5 %  acceptable
//                                    1, 1, 0, 0    7,520,719     21.8 %  acceptable
//                                    1, 0, 1, 0            0        0 %  forbidden
//                                    10 more       2,914,076
//   iriw/seq_cst                     1, 1, 1, 1    9,259,642     26.5 %  acceptable  silent
//                                    0, 0, 0, 0    9,056,777     26.0 %  acceptable
//                                    0, 0, 1, 1    7,484,476     21.4 %  acceptable
//                                    1, 1, 0, 0    6,505,277     18.6 %  acceptable
//                                    1, 0, 1, 0            0        0 %  forbidden
//                                    10 more       2,587,844
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
