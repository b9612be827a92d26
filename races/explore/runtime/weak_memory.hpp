// Stale values: a load may return an older store of its atomic, as far as the C++20 memory model
// lets it. A location keeps its recent stores with what each had released; a load may go back to
// the last one that it, or something that happens before it, has seen. Stores take effect in the
// order in which they were done, so load buffering, and stores that overtake each other, are never
// produced.
#pragma once

#include <cstdint>

#include "races/explore/runtime/arena.hpp"
#include "races/explore/runtime/thread.hpp"

namespace contend::explore {

class WeakMemory {
 public:
  void begin();
  void next_execution() {
    ++run_;
    fences_.clear();
  }

  /// How many stores, newest first, a load of `now` may return; at least 1.
  std::uint32_t choices(const Thread& thread, std::uint64_t object, std::uint64_t now,
                        bool sequential);

  /// The one `back` stores before the newest; `released` is what it passes on.
  std::uint64_t read(const Thread& thread, std::uint64_t object, std::uint32_t back,
                     const VectorClock*& released);

  /// A store or a read-modify-write that turned `before` into `after`.
  void wrote(const Thread& thread, std::uint64_t object, std::uint64_t before, std::uint64_t after,
             bool sequential, const VectorClock& released);

  /// A sequentially consistent fence: what came before an earlier one is seen from here on.
  void fence(Thread& thread);

 private:
  static constexpr std::uint32_t depth = 8;
  static constexpr std::uint32_t watched_threads = 32;  ///< later ones always read the newest
  static constexpr std::uint32_t table_size = 1024;

  struct Store {
    std::uint64_t value = 0;
    std::uint32_t time = 0;  ///< its thread's clock; 0 for the value from before
    std::uint16_t thread = 0;
    VectorClock released;
  };

  struct Location {
    std::uint64_t address = 0;
    std::uint32_t run = 0;
    std::uint32_t newest = 0;  ///< stores are numbered; the ring holds the last ones
    std::uint32_t oldest = 0;
    std::uint32_t sequential = 0;               ///< the last sequentially consistent one
    std::uint32_t floor[watched_threads] = {};  ///< nobody goes back in time
    Store stores[depth];
  };

  Location* find(std::uint64_t object, std::uint64_t now);
  void copy(VectorClock& to, const VectorClock& from);
  bool has_seen(const Thread& thread, const Store& store) const;

  Location* locations_ = nullptr;
  std::uint32_t run_ = 1;
  Arena clocks_;
  VectorClock fences_;
};

}  // namespace contend::explore
