// The messages of one client that are on their way, oldest first: when each was due and when it was
// handed to the kernel. Answers come in order, so a ring is all it takes; messages that went
// together are one entry of it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>
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
  struct Alike {
    Flight flight;
    std::size_t count = 0;
  };

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  void push(Flight flight, std::size_t count = 1) {
    size_ += count;
    if (used_ > 0 && at(used_ - 1).flight == flight) {
      at(used_ - 1).count += count;
    } else {
      append({flight, count});
    }
  }

  /// The oldest and those that went with it, at most `most` in all.
  Alike pop_alike(std::size_t most) {
    CONTEND_CHECK(size_ > 0);
    Alike& oldest = at(0);
    const Alike popped{oldest.flight, std::min(most, oldest.count)};
    size_ -= popped.count;
    oldest.count -= popped.count;
    if (oldest.count == 0) drop_oldest();
    return popped;
  }
  Flight pop() { return pop_alike(1).flight; }

  const Flight& front() const { return ring_[first_].flight; }

  /// Those from `index` on, so many of them, were handed over then.
  void set_sent(std::size_t index, std::size_t count, std::chrono::steady_clock::time_point sent) {
    if (count == 0) return;
    if (index + newest_sent(sent) >= size_) return;
    std::size_t before = index;  // messages, in what is left of the ring
    for (std::size_t entries = used_; entries > 0; --entries) {
      Alike rest = at(0);
      drop_oldest();
      move_part(rest, before, rest.flight);
      move_part(rest, count, {rest.flight.due, sent});
      if (rest.count > 0) append(rest);
    }
  }

 private:
  /// How many of the newest were.
  std::size_t newest_sent(std::chrono::steady_clock::time_point sent) {
    std::size_t count = 0;
    for (std::size_t entry = used_; entry > 0 && at(entry - 1).flight.sent == sent; --entry) {
      count += at(entry - 1).count;
    }
    return count;
  }

  Alike& at(std::size_t entry) { return ring_[(first_ + entry) & (ring_.size() - 1)]; }

  /// As many as there are of `count`, to the end of the ring.
  void move_part(Alike& from, std::size_t& count, Flight as) {
    const std::size_t part = std::min(from.count, count);
    if (part > 0) append({as, part});
    from.count -= part;
    count -= part;
  }

  void append(Alike entry) {
    if (used_ == ring_.size()) grow();
    at(used_++) = entry;
  }
  void drop_oldest() {
    first_ = (first_ + 1) & (ring_.size() - 1);
    --used_;
  }
  void grow() {
    std::vector<Alike> larger(ring_.empty() ? 1 : 2 * ring_.size());
    for (std::size_t i = 0; i < used_; ++i) larger[i] = at(i);
    ring_ = std::move(larger);
    first_ = 0;
  }

  std::vector<Alike> ring_;  // a power of two long
  std::size_t first_ = 0;
  std::size_t used_ = 0;  // entries
  std::size_t size_ = 0;  // messages in them
};

}  // namespace contend::loadgen
