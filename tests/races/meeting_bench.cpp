// What a rendezvous costs, beside the least that two threads can do to hear of each other: two
// threads on CPUs of their own meet, add one to a number each, and meet again; or they pass one
// number to and fro. `best_per_second` is of the best batch, which other programs on the machine
// disturb least; compare the two of one run.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <sched.h>

#include <benchmark/benchmark.h>

#include "races/runner/meeting.hpp"

namespace {

using contend::races::Meeting;
using Clock = std::chrono::steady_clock;

void pin_to(std::size_t cpu) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(cpu, &cpus);
  sched_setaffinity(0, sizeof cpus, &cpus);
}

constexpr std::size_t batch = 512;

/// Runs `once` a batch an iteration, and counts the best batch.
template <class Once>
void measure(benchmark::State& state, Once once) {
  pin_to(static_cast<std::size_t>(state.thread_index()));
  auto best = Clock::duration::max();
  for (auto _ : state) {
    const auto began = Clock::now();
    for (std::size_t i = 0; i < batch; ++i) once(i);
    best = std::min(best, Clock::now() - began);
  }
  const double seconds = std::chrono::duration<double>(best).count();
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
  state.counters["best_per_second"] =
      benchmark::Counter(static_cast<double>(batch) / seconds, benchmark::Counter::kAvgThreads);
}

void rendezvous(benchmark::State& state) {
  static Meeting meeting(2, true);
  static std::array<int, batch> states;  // a race on purpose: what an experiment's actors do
  const auto me = static_cast<std::size_t>(state.thread_index());
  measure(state, [me](std::size_t i) {
    meeting.arrive_and_wait(me);
    states[i] += 1;
    benchmark::ClobberMemory();
  });
}
BENCHMARK(rendezvous)->Threads(2)->UseRealTime()->Iterations(5000);

struct alignas(64) Line {
  std::atomic<std::uint64_t> number = 0;  // stored with release by one, loaded with acquire by both
};

/// Two cache lines, each written by one thread: there and back again.
void ping_pong(benchmark::State& state) {
  static std::array<Line, 2> lines;
  const auto me = static_cast<std::size_t>(state.thread_index());
  std::uint64_t now = lines[me].number.load(std::memory_order_relaxed);
  measure(state, [me, now](std::size_t) mutable {
    ++now;
    if (me == 0) lines[0].number.store(now, std::memory_order_release);
    while (lines[1 - me].number.load(std::memory_order_acquire) < now) __builtin_ia32_pause();
    if (me == 1) lines[1].number.store(now, std::memory_order_release);
  });
}
BENCHMARK(ping_pong)->Threads(2)->UseRealTime()->Iterations(5000);

}  // namespace

BENCHMARK_MAIN();
