// Happens-before: finds pairs of conflicting accesses that nothing orders, byte-precise, with both
// stacks. Edges come from the interposed functions and the atomics. Paper: Flanagan, Freund,
// "FastTrack", PLDI 2009; release sequences and fences as the C++20 standard has them.
#pragma once

#include <cstdint>

#include "races/explore/protocol.hpp"
#include "races/explore/runtime/contexts.hpp"
#include "races/explore/runtime/shadow.hpp"
#include "races/explore/runtime/thread.hpp"

namespace contend::explore {

struct Touch {
  std::uint64_t address = 0;
  std::uint64_t pc = 0;
  bool write = false;
  bool atomic = false;
  bool freed = false;
};

class Detector {
 public:
  /// Called when freed memory was used; does not return.
  using OnUseAfterFree = void (*)();

  /// Races go to result.race_count and races[]; equal pairs of places are reported once.
  void begin(Shared& shared, Contexts& contexts, OnUseAfterFree on_use_after_free);
  void next_execution();

  void start(Thread& thread);                        ///< gives it empty clocks
  void created(Thread& parent, Thread& child);       ///< edge parent → child
  void joined(Thread& waiter, const Thread& ended);  ///< edge child → joiner

  void access(Thread& thread, const Touch& touch, std::uint64_t size);
  /// Whether the block that begins here was freed and not handed out since.
  bool is_freed(std::uint64_t address);

  void acquire(Thread& thread, std::uint64_t object);
  void release(Thread& thread, std::uint64_t object);

  void atomic_load(Thread& thread, std::uint64_t object, int order);
  void atomic_store(Thread& thread, std::uint64_t object, int order);
  void atomic_change(Thread& thread, std::uint64_t object, int order);  ///< read-modify-write
  void fence(Thread& thread, int order);

  /// What the object's last store passes on to whoever acquires it.
  const VectorClock& released(std::uint64_t object_address) { return object(object_address); }

  /// A load that got a store which passes on `released`.
  void load_of(Thread& thread, const VectorClock& released, int order);

  void forget(std::uint64_t address, std::uint64_t size) { shadow_.forget(address, size); }

  /// For the rest of the execution no race there is reported: the program knows of it.
  void let_race(std::uint64_t address, std::uint64_t size);

 private:
  static constexpr std::uint32_t table_size = 1U << 16U;
  static constexpr std::uint32_t most_known = 256;

  struct Known {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };

  struct Object {
    std::uint64_t address = 0;
    std::uint32_t run = 0;
    VectorClock released;
  };

  Object* find(std::uint64_t address);
  VectorClock& object(std::uint64_t address);
  void make_room(VectorClock& clock, std::uint32_t size);
  void join(VectorClock& into, const VectorClock& from);
  void tick(Thread& thread);
  void access_cell(Thread& thread, const Touch& touch, std::uint64_t address, std::uint8_t bytes);
  bool is_known(std::uint64_t address, std::uint64_t size) const;
  void report(const Thread& thread, const Touch& touch, std::uint64_t address, std::uint8_t bytes,
              const Remembered& earlier);

  Shared* shared_ = nullptr;
  Contexts* contexts_ = nullptr;
  OnUseAfterFree on_use_after_free_ = nullptr;
  Shadow shadow_;
  Arena clocks_;
  Object* objects_ = nullptr;
  std::uint32_t object_count_ = 0;
  std::uint32_t run_ = 1;
  Known known_[most_known];
  std::uint32_t known_count_ = 0;
};

}  // namespace contend::explore
