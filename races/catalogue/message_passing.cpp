// Message passing: one thread writes the data and raises a flag, another sees the flag and reads
// the data. Only a release paired with an acquire makes the data come with the flag.
//
//   actor1                       actor2
//   data = 42  (still on its way)
//   ready = 1
//                                sees ready: 1
//                                reads data: 0
//
//   races run message_passing
//
// On two busy CPUs:
//   variant          outcome        count   share  grade       tsan
//   relaxed          1, 42    118,778,234  75.3 %  acceptable  sees it
//                    0, 0      38,900,934  24.7 %  acceptable
//                    1, 0               0     0 %  forbidden
//   relaxed_data     1, 42    114,231,518  72.7 %  acceptable  blind
//                    0, 0      42,843,874  27.3 %  acceptable
//                    1, 0               0     0 %  forbidden
//   release_acquire  1, 42    141,602,149  79.9 %  acceptable  silent
//                    0, 0      35,532,827  20.1 %  acceptable
//                    1, 0               0     0 %  forbidden
//   fences           1, 42    178,517,377  86.1 %  acceptable  false alarm
//                    0, 0      28,906,943  13.9 %  acceptable
//                    1, 0               0     0 %  forbidden
//
// x86 keeps stores in order and loads in order, so natively the stale read never shows; on Arm it
// does. With atomic data there is no data race either: then only a scheduler that models weak
// memory can show it.
#include <atomic>
#include <tuple>

#include "races/catalogue/all.hpp"

namespace contend::races {
namespace {

struct Relaxed {
  int data = 0;
  std::atomic<int> ready = 0;
  int seen_ready = 0;
  int seen_data = 0;
  void actor1() {
    data = 42;
    ready.store(1, std::memory_order_relaxed);
  }
  void actor2() {
    seen_ready = ready.load(std::memory_order_relaxed);
    if (seen_ready == 1) seen_data = data;
  }
  std::tuple<int, int> outcome() const { return {seen_ready, seen_data}; }
};

struct Released {
  int data = 0;
  std::atomic<int> ready = 0;
  int seen_ready = 0;
  int seen_data = 0;
  void actor1() {
    data = 42;
    ready.store(1, std::memory_order_release);
  }
  void actor2() {
    seen_ready = ready.load(std::memory_order_acquire);
    if (seen_ready == 1) seen_data = data;
  }
  std::tuple<int, int> outcome() const { return {seen_ready, seen_data}; }
};

struct RelaxedData {
  std::atomic<int> data = 0;
  std::atomic<int> ready = 0;
  int seen_ready = 0;
  int seen_data = 0;
  void actor1() {
    data.store(42, std::memory_order_relaxed);
    ready.store(1, std::memory_order_relaxed);
  }
  void actor2() {
    seen_ready = ready.load(std::memory_order_relaxed);
    if (seen_ready == 1) seen_data = data.load(std::memory_order_relaxed);
  }
  std::tuple<int, int> outcome() const { return {seen_ready, seen_data}; }
};

struct Fences {
  int data = 0;
  std::atomic<int> ready = 0;
  int seen_ready = 0;
  int seen_data = 0;
  void actor1() {
    data = 42;
    std::atomic_thread_fence(std::memory_order_release);  // pairs with the fence in actor2
    ready.store(1, std::memory_order_relaxed);
  }
  void actor2() {
    seen_ready = ready.load(std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_acquire);  // pairs with the fence in actor1
    if (seen_ready == 1) seen_data = data;
  }
  std::tuple<int, int> outcome() const { return {seen_ready, seen_data}; }
};

Experiment graded(Experiment experiment) {
  experiment.expect("0, 0", acceptable, "looked too early")
      .expect("1, 42", acceptable, "the data came with the flag")
      .expect("1, 0", forbidden, "the flag came without the data");
  return experiment;
}

constexpr const char* x86 = "x86 keeps stores in order and loads in order";

}  // namespace

std::vector<Experiment> message_passing() {
  return {graded(broken<Relaxed>("message_passing/relaxed", "plain data, a relaxed flag"))
              .view("native", Sight::blind, x86),
          graded(broken<RelaxedData>("message_passing/relaxed_data", "both atomic and relaxed"))
              .view("native", Sight::blind, x86)
              .view("tsan", Sight::blind, "everything is atomic, so there is no data race"),
          graded(fixed<Released>("message_passing/release_acquire", "plain data, a released flag")),
          graded(fixed<Fences>("message_passing/fences", "plain data, fences around the flag"))
              .view("tsan", Sight::false_alarm, "ThreadSanitizer does not model fences")};
}

}  // namespace contend::races
