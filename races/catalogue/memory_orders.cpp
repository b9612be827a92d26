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
//   store_buffering/relaxed          0, 1        132,229,814     62.6 %  acceptable  blind
//                                    1, 0         71,290,441     33.7 %  acceptable
//                                    0, 0          7,763,951      3.7 %  forbidden
//                                    1, 1                 82  3.9e-05 %  acceptable
//   store_buffering/release_acquire  0, 1        123,885,455     60.6 %  acceptable  blind
//                                    1, 0         72,893,409     35.7 %  acceptable
//                                    0, 0          7,486,280      3.7 %  forbidden
//                                    1, 1                 72  3.5e-05 %  acceptable
//   store_buffering/seq_cst          1, 0         20,055,438     52.0 %  acceptable  silent
//                                    0, 1         18,376,189     47.7 %  acceptable
//                                    1, 1            112,437     0.29 %  acceptable
//                                    0, 0                  0        0 %  forbidden
//   load_buffering/relaxed           0, 1        134,939,694     59.6 %  acceptable  silent
//                                    1, 0         86,343,281     38.1 %  acceptable
//                                    0, 0          5,060,257      2.2 %  acceptable
//   iriw/acquire                     1, 1, 0, 0    9,632,658     26.0 %  acceptable  blind
//                                    0, 0, 1, 1    9,003,275     24.3 %  acceptable
//                                    0, 0, 0, 0    8,923,796     24.1 %  acceptable
//                                    1, 1, 1, 1    7,584,562     20.5 %  acceptable
//                                    1, 0, 1, 0            0        0 %  forbidden
//                                    10 more       1,872,477
//   iriw/seq_cst                     1, 1, 1, 1    8,669,316     25.3 %  acceptable  silent
//                                    1, 1, 0, 0    8,597,831     25.1 %  acceptable
//                                    0, 0, 1, 1    7,882,098     23.0 %  acceptable
//                                    0, 0, 0, 0    7,275,479     21.2 %  acceptable
//                                    1, 0, 1, 0            0        0 %  forbidden
//                                    10 more       1,873,836
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
