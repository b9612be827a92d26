// ABA: a compare-and-swap succeeds since the value is the same again, though everything behind it
// has changed.
//
//   actor1 (pops)                 actor2
//   sees top A, next B
//                                 pops A, pops B (keeps it), pushes A
//   top is A: swaps in B          B is on the stack and in actor2's hands
//
//   races run aba
//
// On two busy CPUs:
//   variant   outcome       count    share  grade       tsan
//   untagged  0        23,131,721   99.6 %  acceptable  blind
//             1            97,911   0.42 %  forbidden
//   tagged    0        23,575,936  100.0 %  acceptable  silent
#include <array>
#include <atomic>
#include <cstdint>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

/// Nodes 1, 2 and 3, linked by index. At first all are on the stack.
struct Nodes {
  std::array<std::atomic<std::uint32_t>, 4> next{0u, 2u, 3u, 0u};
  std::uint32_t kept1 = 0;
  std::uint32_t kept2 = 0;

  /// How many are in two places or in none, if `top` is the top of the stack.
  int misplaced(std::uint32_t top) const {
    std::array<int, 4> places{};
    ++places[kept1];
    ++places[kept2];
    for (int steps = 0; top != 0 && steps < 4; ++steps) {
      ++places[top];
      top = next[top].load();
    }
    int wrong = 0;
    for (std::size_t i = 1; i < places.size(); ++i) wrong += places[i] != 1 ? 1 : 0;
    return wrong;
  }
};

struct Untagged : Nodes {
  std::atomic<std::uint32_t> top = 1;

  std::uint32_t pop() {
    std::uint32_t seen = top.load();
    while (seen != 0) {
      const std::uint32_t after = next[seen].load();
      if (top.compare_exchange_weak(seen, after)) return seen;
    }
    return 0;
  }
  void push(std::uint32_t pushed) {
    std::uint32_t seen = top.load();
    do {
      next[pushed].store(seen);
    } while (!top.compare_exchange_weak(seen, pushed));
  }
  void actor1() { kept1 = pop(); }
  void actor2() {
    const std::uint32_t first = pop();
    kept2 = pop();
    if (first != 0) push(first);
  }
  int outcome() const { return misplaced(top.load()); }
};

struct Tagged : Nodes {
  std::atomic<std::uint64_t> top = 1;  // the lower half is the node, the upper counts the changes

  static std::uint32_t node(std::uint64_t top) { return static_cast<std::uint32_t>(top); }
  static std::uint64_t changed(std::uint64_t old, std::uint32_t node) {
    return (((old >> 32) + 1) << 32) | node;
  }
  std::uint32_t pop() {
    std::uint64_t seen = top.load();
    while (node(seen) != 0) {
      const std::uint32_t after = next[node(seen)].load();
      if (top.compare_exchange_weak(seen, changed(seen, after))) return node(seen);
    }
    return 0;
  }
  void push(std::uint32_t pushed) {
    std::uint64_t seen = top.load();
    do {
      next[pushed].store(node(seen));
    } while (!top.compare_exchange_weak(seen, changed(seen, pushed)));
  }
  void actor1() { kept1 = pop(); }
  void actor2() {
    const std::uint32_t first = pop();
    kept2 = pop();
    if (first != 0) push(first);
  }
  int outcome() const { return misplaced(node(top.load())); }
};

Experiment graded(Experiment experiment) {
  experiment.expect("0", acceptable, "every node is in one place")
      .expect("*", forbidden, "a node is on the stack and in somebody's hands, or nowhere");
  return experiment;
}

}  // namespace

std::vector<Experiment> aba() {
  return {graded(broken<Untagged>("aba/untagged", "compare the top of a stack alone"))
              .view("tsan", Sight::blind, "everything is atomic, so there is no data race"),
          graded(fixed<Tagged>("aba/tagged", "compare the top and a count of changes"))};
}

}  // namespace contend::races
