// What a rendezvous costs: two threads on CPUs of their own meet, add one to a number each, and
// meet again. `best_per_second` is of the best batch, which other programs on the machine disturb
// least.
#include <algorithm>
#include <array>
#include <chrono>
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

void rendezvous(benchmark::State& state) {
  static Meeting meeting(2, true);
  static std::array<int, 512> states;  // a race on purpose: what an experiment's actors do
  const auto me = static_cast<std::size_t>(state.thread_index());
  pin_to(me);
  auto best = Clock::duration::max();
  for (auto _ : state) {
    const auto began = Clock::now();
    for (int& each : states) {
      meeting.arrive_and_wait(me);
      each += 1;
      benchmark::ClobberMemory();
    }
    best = std::min(best, Clock::now() - began);
  }
  const double seconds = std::chrono::duration<double>(best).count();
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(states.size()));
  state.counters["best_per_second"] = benchmark::Counter(
      static_cast<double>(states.size()) / seconds, benchmark::Counter::kAvgThreads);
}
BENCHMARK(rendezvous)->Threads(2)->UseRealTime()->Iterations(5000);

}  // namespace

BENCHMARK_MAIN();
