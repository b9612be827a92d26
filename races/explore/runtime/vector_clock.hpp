// Vector clocks: what each thread has seen of every other. An absent entry is 0.
// Paper: Flanagan, Freund, "FastTrack", PLDI 2009 (an access is an epoch: one thread, one time).
#pragma once

#include <cstdint>

namespace contend::explore {

/// Sized by the threads that live, not by those that could. Storage belongs to whoever made it.
struct VectorClock {
  std::uint32_t* times = nullptr;
  std::uint32_t size = 0;
  std::uint32_t capacity = 0;

  std::uint32_t of(std::uint32_t thread) const { return thread < size ? times[thread] : 0; }

  /// Entries up to `count` exist afterwards; the storage must be that large.
  void grow(std::uint32_t count) {
    while (size < count) times[size++] = 0;
  }

  void set(std::uint32_t thread, std::uint32_t time) {
    grow(thread + 1);
    times[thread] = time;
  }

  /// Takes the later of each entry. The storage must hold other.size entries.
  void join(const VectorClock& other) {
    grow(other.size);
    for (std::uint32_t i = 0; i < other.size; ++i) {
      if (other.times[i] > times[i]) times[i] = other.times[i];
    }
  }

  void assign(const VectorClock& other) {
    size = other.size;
    for (std::uint32_t i = 0; i < size; ++i) times[i] = other.times[i];
  }

  void clear() { size = 0; }
};

}  // namespace contend::explore
