// Single-producer ring: the producer fills a slot and moves the tail; the consumer sees the tail
// and empties the slot. Without a release the slot may come after the tail.
//
//   actor1 (produces)         actor2 (consumes)
//   slot[0] = 7 (on its way)
//   tail = 1
//                             sees tail: 1, reads slot[0]: 0
//
//   races run ring
//
// On two busy CPUs:
//   variant          outcome       count     share  grade       tsan
//   relaxed          -1, -1   62,351,295    51.3 %  acceptable  sees it
//                    7, 8     59,293,261    48.7 %  acceptable
//                    -1, 7         2,672  0.0022 %  acceptable
//                    7, -1         1,345  0.0011 %  acceptable
//   release_acquire  -1, -1   56,342,172    53.6 %  acceptable  silent
//                    7, 8     48,812,541    46.4 %  acceptable
//                    -1, 7         3,252  0.0031 %  acceptable
//                    7, -1         1,460  0.0014 %  acceptable
//
// On x86 the stores stay in order, so natively the empty slot never shows.
#include <array>
#include <atomic>
#include <cstddef>
#include <tuple>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

struct Relaxed {
  std::array<int, 4> slots{};
  std::atomic<std::size_t> head = 0;  // moved by the consumer
  std::atomic<std::size_t> tail = 0;  // moved by the producer
  int got1 = -1;
  int got2 = -1;

  bool push(int value) {
    const std::size_t at = tail.load(std::memory_order_relaxed);
    if (at - head.load(std::memory_order_relaxed) == slots.size()) return false;
    slots[at % slots.size()] = value;
    tail.store(at + 1, std::memory_order_relaxed);
    return true;
  }
  int pop() {
    const std::size_t at = head.load(std::memory_order_relaxed);
    if (at == tail.load(std::memory_order_relaxed)) return -1;
    const int value = slots[at % slots.size()];
    head.store(at + 1, std::memory_order_relaxed);
    return value;
  }
  void actor1() {
    push(7);
    push(8);
  }
  void actor2() {
    got1 = pop();
    got2 = pop();
  }
  std::tuple<int, int> outcome() const { return {got1, got2}; }
};

struct Released {
  std::array<int, 4> slots{};
  std::atomic<std::size_t> head = 0;  // moved by the consumer, who releases the emptied slot
  std::atomic<std::size_t> tail = 0;  // moved by the producer, who releases the filled slot
  int got1 = -1;
  int got2 = -1;

  bool push(int value) {
    const std::size_t at = tail.load(std::memory_order_relaxed);
    if (at - head.load(std::memory_order_acquire) == slots.size()) return false;
    slots[at % slots.size()] = value;
    tail.store(at + 1, std::memory_order_release);
    return true;
  }
  int pop() {
    const std::size_t at = head.load(std::memory_order_relaxed);
    if (at == tail.load(std::memory_order_acquire)) return -1;
    const int value = slots[at % slots.size()];
    head.store(at + 1, std::memory_order_release);
    return value;
  }
  void actor1() {
    push(7);
    push(8);
  }
  void actor2() {
    got1 = pop();
    got2 = pop();
  }
  std::tuple<int, int> outcome() const { return {got1, got2}; }
};

Experiment graded(Experiment experiment) {
  experiment.expect("-1, -1", acceptable, "came before the producer")
      .expect("-1, 7", acceptable, "the first look was too early")
      .expect("7, -1", acceptable, "the second look was too early")
      .expect("7, 8", acceptable, "got both")
      .expect("*", forbidden, "got a slot that was not filled");
  return experiment;
}

}  // namespace

std::vector<Experiment> ring() {
  return {graded(broken<Relaxed>("ring/relaxed", "the tail is moved with relaxed order"))
              .view("native", Sight::blind, "x86 keeps the slot's store before the tail's"),
          graded(fixed<Released>("ring/release_acquire", "the tail is released and acquired"))};
}

}  // namespace contend::races
