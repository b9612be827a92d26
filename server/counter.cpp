#include "server/counter.hpp"

#include <atomic>
#include <mutex>

namespace contend::server {
namespace {

class MutexCounter : public Counter {
 public:
  void add_connection() override {
    const std::lock_guard lock(mutex_);
    counted_.connections += 1;
  }
  void add_bytes(std::uint64_t bytes) override {
    const std::lock_guard lock(mutex_);
    counted_.bytes += bytes;
  }
  Counted read() const override {
    const std::lock_guard lock(mutex_);
    return counted_;
  }

 private:
  mutable std::mutex mutex_;  // protects counted_
  Counted counted_;
};

class AtomicCounter : public Counter {
 public:
  void add_connection() override { connections_.fetch_add(1, std::memory_order_relaxed); }
  void add_bytes(std::uint64_t bytes) override {
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
  }
  Counted read() const override {
    return {connections_.load(std::memory_order_relaxed), bytes_.load(std::memory_order_relaxed)};
  }

 private:
  // Relaxed, without a pair: the sums are all there is, and nothing is published through them.
  std::atomic<std::uint64_t> connections_{0};
  std::atomic<std::uint64_t> bytes_{0};
};

}  // namespace

std::unique_ptr<Counter> make_counter(CounterKind kind) {
  switch (kind) {
    case CounterKind::none:
      break;
    case CounterKind::plain:
      return make_plain_counter();
    case CounterKind::mutex:
      return std::make_unique<MutexCounter>();
    case CounterKind::atomic:
      return std::make_unique<AtomicCounter>();
  }
  return nullptr;
}

const char* to_string(CounterKind kind) {
  switch (kind) {
    case CounterKind::none:
      break;
    case CounterKind::plain:
      return "plain";
    case CounterKind::mutex:
      return "mutex";
    case CounterKind::atomic:
      return "atomic";
  }
  return "none";
}

}  // namespace contend::server
