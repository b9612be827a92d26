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
//   variant                   outcome      count     share  grade       tsan
//   dekker/release_acquire    0, 1     9,430,705    51.7 %  acceptable  blind
//                             1, 0     8,636,240    47.4 %  acceptable
//                             1, 1       163,678     0.9 %  forbidden
//                             0, 0         1,761  0.0097 %  acceptable
//   dekker/fence              0, 1       828,277    92.0 %  acceptable  silent
//                             1, 0        71,928       8 %  acceptable
//                             0, 0            19  0.0021 %  acceptable
//                             1, 1             0       0 %  forbidden
//   dekker/seq_cst            0, 1     1,458,716    50.6 %  acceptable  silent
//                             1, 0     1,307,672    45.4 %  acceptable
//                             0, 0       115,276       4 %  acceptable
//                             1, 1             0       0 %  forbidden
//   peterson/release_acquire  2        3,795,175    99.1 %  acceptable  blind
//                             1           35,481    0.93 %  forbidden
//   peterson/fence            2        2,155,520   100.0 %  acceptable  silent
//                             1                0       0 %  forbidden
//   peterson/seq_cst          2        1,803,264   100.0 %  acceptable  silent
//                             1                0       0 %  forbidden
#include <array>
#include <atomic>
#include <tuple>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

template <std::memory_order store, std::memory_order load, bool has_fence>
struct Dekker {
  std::atomic<bool> wants1 = false;
  std::atomic<bool> wants2 = false;
  bool entered1 = false;
  bool entered2 = false;
  static bool try_enter(std::atomic<bool>& mine, const std::atomic<bool>& theirs) {
    mine.store(true, store);
    if (has_fence) std::atomic_thread_fence(std::memory_order_seq_cst);
    return !theirs.load(load);
  }
  void actor1() { entered1 = try_enter(wants1, wants2); }
  void actor2() { entered2 = try_enter(wants2, wants1); }
  std::tuple<bool, bool> outcome() const { return {entered1, entered2}; }
};

/// Peterson's lock around n += 1.
template <std::memory_order store, std::memory_order load, bool has_fence>
struct Peterson {
  std::array<std::atomic<bool>, 2> wants{};
  std::atomic<int> turn = 0;
  int n = 0;
  void increment(std::size_t me) {
    const std::size_t other = 1 - me;
    wants[me].store(true, store);
    turn.store(static_cast<int>(other), store);
    if (has_fence) std::atomic_thread_fence(std::memory_order_seq_cst);
    while (wants[other].load(load) && turn.load(load) == static_cast<int>(other)) continue;
    n += 1;
    wants[me].store(false, std::memory_order_release);
  }
  void actor1() { increment(0); }
  void actor2() { increment(1); }
  int outcome() const { return n; }
};

constexpr auto relaxed = std::memory_order_relaxed;
constexpr auto acquire = std::memory_order_acquire;
constexpr auto release = std::memory_order_release;
constexpr auto seq_cst = std::memory_order_seq_cst;

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
  return {
      entered(broken<Dekker<release, acquire, false>>(
                  "dekker/release_acquire", "release and acquire do not order store and load"))
          .view("tsan", Sight::blind, "everything is atomic, so there is no data race"),
      entered(fixed<Dekker<relaxed, relaxed, true>>("dekker/fence", "a full fence between")),
      entered(fixed<Dekker<seq_cst, seq_cst, false>>("dekker/seq_cst", "sequentially consistent"))};
}

std::vector<Experiment> peterson() {
  return {counted(broken<Peterson<release, acquire, false>>("peterson/release_acquire",
                                                            "release and acquire let both in"))
              .view("tsan", Sight::blind,
                    "each increment happens before the flag's release that the other acquires"),
          counted(fixed<Peterson<release, acquire, true>>(
              "peterson/fence", "a full fence before the other is looked at")),
          counted(fixed<Peterson<seq_cst, seq_cst, false>>("peterson/seq_cst",
                                                           "sequentially consistent"))};
}

}  // namespace contend::races
