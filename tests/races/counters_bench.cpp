// The price of each way to count, by threads. Ratios within one run mean something; the figures
// alone are this machine's.
#include <array>
#include <atomic>
#include <mutex>

#include <benchmark/benchmark.h>

namespace {

struct Plain {
  long n = 0;  // a race on purpose as soon as there are two threads: the price of being wrong
  void add(int) { n += 1; }
};

struct Relaxed {
  std::atomic<long> n = 0;
  void add(int) { n.fetch_add(1, std::memory_order_relaxed); }
};

struct Atomic {
  std::atomic<long> n = 0;
  void add(int) { n += 1; }
};

struct Mutex {
  std::mutex lock;  // protects n
  long n = 0;
  void add(int) {
    const std::lock_guard guard(lock);
    n += 1;
  }
};

struct Spinlock {
  std::atomic<bool> taken = false;  // taken with acquire, given back with release
  long n = 0;                       // protected by it
  void add(int) {
    while (taken.exchange(true, std::memory_order_acquire)) {
      while (taken.load(std::memory_order_relaxed)) continue;
    }
    n += 1;
    taken.store(false, std::memory_order_release);
  }
};

struct Shards {
  struct alignas(64) Shard {
    std::atomic<long> n = 0;
  };
  std::array<Shard, 8> shards;
  void add(int thread) {
    std::atomic<long>& mine = shards[static_cast<std::size_t>(thread)].n;
    mine.store(mine.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
};

/// One counter for all threads.
template <class Counter>
void contended(benchmark::State& state) {
  static Counter counter;
  for (auto _ : state) {
    counter.add(state.thread_index());
    benchmark::ClobberMemory();
  }
}

/// A counter a thread, each on lines of its own.
template <class Counter>
void alone(benchmark::State& state) {
  alignas(64) Counter counter;
  for (auto _ : state) {
    counter.add(0);
    benchmark::ClobberMemory();
  }
}

BENCHMARK(contended<Plain>)->ThreadRange(1, 8)->UseRealTime();
BENCHMARK(contended<Relaxed>)->ThreadRange(1, 8)->UseRealTime();
BENCHMARK(contended<Atomic>)->ThreadRange(1, 8)->UseRealTime();
BENCHMARK(contended<Mutex>)->ThreadRange(1, 8)->UseRealTime();
BENCHMARK(contended<Spinlock>)->ThreadRange(1, 8)->UseRealTime();
BENCHMARK(contended<Shards>)->ThreadRange(1, 8)->UseRealTime();
BENCHMARK(alone<Plain>)->ThreadRange(1, 8)->UseRealTime();
BENCHMARK(alone<Relaxed>)->ThreadRange(1, 8)->UseRealTime();
BENCHMARK(alone<Atomic>)->ThreadRange(1, 8)->UseRealTime();
BENCHMARK(alone<Mutex>)->ThreadRange(1, 8)->UseRealTime();
BENCHMARK(alone<Spinlock>)->ThreadRange(1, 8)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
