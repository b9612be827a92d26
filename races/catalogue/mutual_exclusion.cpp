// Mutual exclusion by loads and stores alone: Dekker's entry (here without its waiting) and
// Peterson's lock. Both are right only if a store is seen before the following load.
//
//   actor1                     actor2
//   wants1 = true (buffered)
//                              wants2 = true (buffered)
//   sees wants2: false
//                              sees wants1: false
//   enters                     enters
//
//   races run dekker peterson
//
// On two busy CPUs:
//   variant                   outcome        count      share  grade       tsan
//   dekker/release_acquire    1, 0     162,116,207     57.4 %  acceptable  blind
//                             0, 1     118,547,184     42.0 %  acceptable
//                             1, 1       1,607,122     0.57 %  forbidden
//                             0, 0             335  0.00012 %  acceptable
//   dekker/fence              1, 0      28,838,535     58.7 %  acceptable  silent
//                             0, 1      20,221,589     41.2 %  acceptable
//                             0, 0          31,844    0.065 %  acceptable
//                             1, 1               0        0 %  forbidden
//   dekker/seq_cst            1, 0      24,103,751     55.1 %  acceptable  silent
//                             0, 1      19,551,679     44.7 %  acceptable
//                             0, 0          77,818     0.18 %  acceptable
//                             1, 1               0        0 %  forbidden
//   peterson/release_acquire  2        140,561,841     98.1 %  acceptable  blind
//                             1          2,746,127      1.9 %  forbidden
//   peterson/fence            2         27,868,352    100.0 %  acceptable  silent
//                             1                  0        0 %  forbidden
//   peterson/seq_cst          2         15,655,424    100.0 %  acceptable  silent
//                             1                  0        0 %  forbidden
#include <array>
#include <atomic>
#include <tuple>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;
constexpr auto acquire = std::memory_order_acquire;
constexpr auto release = std::memory_order_release;
constexpr auto seq_cst = std::memory_order_seq_cst;

struct ReleasedDekker {
  std::atomic<bool> wants1 = false;
  std::atomic<bool> wants2 = false;
  bool entered1 = false;
  bool entered2 = false;
  void actor1() {
    wants1.store(true, release);
    entered1 = !wants2.load(acquire);
  }
  void actor2() {
    wants2.store(true, release);
    entered2 = !wants1.load(acquire);
  }
  std::tuple<bool, bool> outcome() const { return {entered1, entered2}; }
};

struct FencedDekker {
  std::atomic<bool> wants1 = false;
  std::atomic<bool> wants2 = false;
  bool entered1 = false;
  bool entered2 = false;
  void actor1() {
    wants1.store(true, relaxed);
    std::atomic_thread_fence(seq_cst);
    entered1 = !wants2.load(relaxed);
  }
  void actor2() {
    wants2.store(true, relaxed);
    std::atomic_thread_fence(seq_cst);
    entered2 = !wants1.load(relaxed);
  }
  std::tuple<bool, bool> outcome() const { return {entered1, entered2}; }
};

struct SequentialDekker {
  std::atomic<bool> wants1 = false;
  std::atomic<bool> wants2 = false;
  bool entered1 = false;
  bool entered2 = false;
  void actor1() {
    wants1.store(true, seq_cst);
    entered1 = !wants2.load(seq_cst);
  }
  void actor2() {
    wants2.store(true, seq_cst);
    entered2 = !wants1.load(seq_cst);
  }
  std::tuple<bool, bool> outcome() const { return {entered1, entered2}; }
};

/// Peterson's lock around n += 1.
struct ReleasedPeterson {
  std::array<std::atomic<bool>, 2> wants{};
  std::atomic<std::size_t> turn = 0;
  int n = 0;
  void increment(std::size_t me) {
    const std::size_t other = 1 - me;
    wants[me].store(true, release);
    turn.store(other, release);
    while (wants[other].load(acquire) && turn.load(acquire) == other) continue;
    n += 1;
    wants[me].store(false, release);
  }
  void actor1() { increment(0); }
  void actor2() { increment(1); }
  int outcome() const { return n; }
};

struct FencedPeterson {
  std::array<std::atomic<bool>, 2> wants{};
  std::atomic<std::size_t> turn = 0;
  int n = 0;
  void increment(std::size_t me) {
    const std::size_t other = 1 - me;
    wants[me].store(true, release);
    turn.store(other, release);
    std::atomic_thread_fence(seq_cst);
    while (wants[other].load(acquire) && turn.load(acquire) == other) continue;
    n += 1;
    wants[me].store(false, release);
  }
  void actor1() { increment(0); }
  void actor2() { increment(1); }
  int outcome() const { return n; }
};

struct SequentialPeterson {
  std::array<std::atomic<bool>, 2> wants{};
  std::atomic<std::size_t> turn = 0;
  int n = 0;
  void increment(std::size_t me) {
    const std::size_t other = 1 - me;
    wants[me].store(true, seq_cst);
    turn.store(other, seq_cst);
    while (wants[other].load(seq_cst) && turn.load(seq_cst) == other) continue;
    n += 1;
    wants[me].store(false, release);
  }
  void actor1() { increment(0); }
  void actor2() { increment(1); }
  int outcome() const { return n; }
};

Experiment entered(Experiment experiment) {
  experiment.expect("0, 0", acceptable, "each saw the other's wish and stayed out")
      .expect("1, 0", acceptable, "actor1 entered")
      .expect("0, 1", acceptable, "actor2 entered")
      .expect("1, 1", forbidden, "both are inside");
  return experiment;
}

Experiment counted(Experiment experiment) {
  experiment.counter(2)
      .expect("2", acceptable, "both increments counted")
      .expect("1", forbidden, "both were inside, and an increment was lost");
  return experiment;
}

}  // namespace

std::vector<Experiment> dekker() {
  return {entered(broken<ReleasedDekker>("dekker/release_acquire",
                                         "release and acquire do not order store and load"))
              .view("tsan", Sight::blind, "everything is atomic, so there is no data race"),
          entered(fixed<FencedDekker>("dekker/fence", "a full fence between")),
          entered(fixed<SequentialDekker>("dekker/seq_cst", "sequentially consistent"))};
}

std::vector<Experiment> peterson() {
  return {counted(broken<ReleasedPeterson>("peterson/release_acquire",
                                           "release and acquire let both in"))
              .view("tsan", Sight::blind,
                    "each increment happens before the flag's release that the other acquires"),
          counted(fixed<FencedPeterson>("peterson/fence",
                                        "a full fence before the other is looked at")),
          counted(fixed<SequentialPeterson>("peterson/seq_cst", "sequentially consistent"))};
}

}  // namespace contend::races
