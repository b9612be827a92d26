// The messages of one client that are on their way, oldest first: when each was due and when it was
// handed to the kernel. Answers come in order, so a ring is all it takes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/check.hpp"

namespace contend::loadgen {

struct Flight {
  std::chrono::steady_clock::time_point due;
  std::chrono::steady_clock::time_point sent;

  bool operator==(const Flight&) const = default;
};

/// Grows by doubling and never shrinks: no allocation once it has seen its largest backlog.
class Flights {
 public:
  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }

  void push(Flight flight) {
    if (count_ == ring_.size()) grow();
    ring_[(first_ + count_++) & (ring_.size() - 1)] = flight;
  }

  struct Alike {
    Flight flight;
    std::size_t count = 0;
  };

  /// The oldest and those right after it that are its equals, at most `most` in all.
  Alike pop_alike(std::size_t most) {
    Alike popped{pop(), 1};
    while (popped.count < most && count_ > 0 && front() == popped.flight) {
      pop();
      ++popped.count;
    }
    return popped;
  }

  Flight pop() {
    CONTEND_CHECK(count_ > 0);
    const Flight oldest = ring_[first_];
    first_ = (first_ + 1) & (ring_.size() - 1);
    --count_;
    return oldest;
  }

  Flight& operator[](std::size_t index) { return ring_[(first_ + index) & (ring_.size() - 1)]; }
  const Flight& front() const { return ring_[first_]; }

 private:
  void grow() {
    std::vector<Flight> larger(ring_.empty() ? 1 : 2 * ring_.size());
    for (std::size_t i = 0; i < count_; ++i) larger[i] = (*this)[i];
    ring_ = std::move(larger);
    first_ = 0;
  }

  std::vector<Flight> ring_;  // a power of two long
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace contend::loadgen
