// Programs that are right under sequential consistency and whose outcome depends on memory orders;
// each returns 1 on the weak outcome.
#include <atomic>
#include <thread>

#include "tests/explore/subjects/subjects.hpp"

namespace {

using Order = std::memory_order;
constexpr Order relaxed = std::memory_order_relaxed;
constexpr Order acquire = std::memory_order_acquire;
constexpr Order release = std::memory_order_release;
constexpr Order sequential = std::memory_order_seq_cst;

int store_buffering(Order store, Order load, bool with_fence) {
  std::atomic<int> x{0};
  std::atomic<int> y{0};
  int first = 1;
  int second = 1;
  const auto act = [=](std::atomic<int>& mine, std::atomic<int>& other, int& seen) {
    mine.store(1, store);
    if (with_fence) std::atomic_thread_fence(sequential);
    seen = other.load(load);
  };
  std::thread a([&] { act(x, y, first); });
  std::thread b([&] { act(y, x, second); });
  a.join();
  b.join();
  return first == 0 && second == 0 ? 1 : 0;
}

int message_passing(Order store, Order load) {
  std::atomic<int> data{0};
  std::atomic<int> flag{0};
  int seen = 1;
  std::thread a([&] {
    data.store(1, relaxed);
    flag.store(1, store);
  });
  std::thread b([&] {
    if (flag.load(load) == 1) seen = data.load(relaxed);
  });
  a.join();
  b.join();
  return seen == 1 ? 0 : 1;
}

int independent_reads(Order store, Order load) {
  std::atomic<int> x{0};
  std::atomic<int> y{0};
  int seen[4] = {};
  std::thread a([&] { x.store(1, store); });
  std::thread b([&] { y.store(1, store); });
  std::thread c([&] {
    seen[0] = x.load(load);
    seen[1] = y.load(load);
  });
  std::thread d([&] {
    seen[2] = y.load(load);
    seen[3] = x.load(load);
  });
  a.join();
  b.join();
  c.join();
  d.join();
  return seen[0] == 1 && seen[1] == 0 && seen[2] == 1 && seen[3] == 0 ? 1 : 0;
}

}  // namespace

int store_buffering_weak() {
  return store_buffering(relaxed, relaxed, false);
}
int store_buffering_acquire_weak() {
  return store_buffering(release, acquire, false);
}
int store_buffering_sequential() {
  return store_buffering(sequential, sequential, false);
}
int store_buffering_fenced() {
  return store_buffering(relaxed, relaxed, true);
}
int message_passing_weak() {
  return message_passing(relaxed, relaxed);
}
int message_passing_ordered() {
  return message_passing(release, acquire);
}
int independent_reads_weak() {
  return independent_reads(release, acquire);
}
int independent_reads_sequential() {
  return independent_reads(sequential, sequential);
}

int coherence() {
  std::atomic<int> x{0};
  int first = 0;
  int second = 0;
  std::thread a([&] {
    x.store(1, relaxed);
    x.store(2, relaxed);
  });
  std::thread b([&] {
    first = x.load(relaxed);
    second = x.load(relaxed);
  });
  a.join();
  b.join();
  return second < first || x.load(relaxed) != 2 ? 1 : 0;
}

int relaxed_counter() {
  std::atomic<int> n{0};
  const auto add = [&] { n.fetch_add(1, relaxed); };
  std::thread a(add);
  std::thread b(add);
  a.join();
  b.join();
  return n.load(relaxed) == 2 ? 0 : 1;
}
