// Publishing, lifetimes, places where objects live.
#include <atomic>
#include <cassert>
#include <cstdlib>
#include <string>
#include <thread>
#include <unistd.h>

#include "tests/explore/subjects/subjects.hpp"

namespace {

std::atomic<int> alive{0};

struct Counted {
  std::string text = "as it should be";
  Counted() { ++alive; }
  ~Counted() { --alive; }
};

int publish(std::memory_order store, std::memory_order load) {
  int payload = 0;
  std::atomic<bool> ready{false};
  std::thread other([&] {
    payload = 42;
    ready.store(true, store);
  });
  const int seen = ready.load(load) ? payload : 42;
  other.join();
  return seen == 42 ? 0 : 1;
}

// A thread before main, and one after it.
struct Early {
  int seen = 0;
  Early() {
    std::thread([this] { seen = 7; }).join();
  }
  ~Early() {
    std::thread([this] { seen = 8; }).join();
  }
};
Early early;

}  // namespace

int publish_relaxed_broken() {
  return publish(std::memory_order_relaxed, std::memory_order_relaxed);
}

int publish_release_fixed() {
  return publish(std::memory_order_release, std::memory_order_acquire);
}

int publish_fences_fixed() {
  int payload = 0;
  std::atomic<bool> ready{false};
  std::thread other([&] {
    payload = 42;
    std::atomic_thread_fence(std::memory_order_release);
    ready.store(true, std::memory_order_relaxed);
  });
  int seen = 42;
  if (ready.load(std::memory_order_relaxed)) {
    std::atomic_thread_fence(std::memory_order_acquire);
    seen = payload;
  }
  other.join();
  return seen == 42 ? 0 : 1;
}

int thread_locals_fixed() {
  const auto touch = [] {
    static thread_local Counted mine;
    mine.text += "!";
  };
  std::thread first(touch);
  std::thread second(touch);
  first.join();
  second.join();
  return alive == 0 ? 0 : 1;
}

int static_local_fixed() {
  const auto touch = [] {
    static const Counted shared;
    return shared.text.size();
  };
  std::thread first(touch);
  std::thread second(touch);
  first.join();
  second.join();
  return alive == 1 ? 0 : 1;
}

int crash_broken() {
  std::atomic<int*> pointer{nullptr};
  int value = 1;
  std::thread other([&] { *pointer.load() = 2; });
  pointer.store(&value);
  other.join();
  return 0;
}

int order_of_start_broken() {
  static int* data = nullptr;
  std::thread other([] { *data = 1; });
  int value = 0;
  data = &value;
  other.join();
  return 0;
}

int use_after_free_broken() {
  auto* text = new std::string("a text that is long enough to live on the heap");
  std::atomic<bool> gone{false};
  std::thread other([&] {
    if (!gone) text->at(0) = 'A';
  });
  gone = true;
  delete text;
  other.join();
  return 0;
}

int double_free_broken() {
  std::atomic<void*> block{std::malloc(64)};
  const auto drop = [&] {
    void* mine = block.load();
    if (mine == nullptr) return;
    block.store(nullptr);
    std::free(mine);
  };
  std::thread other(drop);
  drop();
  other.join();
  return 0;
}

int forks() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  return 0;
}
