// One thread of the explored program, as the scheduler and the race detector see it.
#pragma once

#include <cstdint>
#include <pthread.h>

#include "races/explore/protocol.hpp"
#include "races/explore/runtime/vector_clock.hpp"

namespace contend::explore {

struct Thread;
struct Worker;
struct WayOut;

/// What a thread is about to do. It may do it when `enabled` says so (none: always), or, with a
/// deadline, when virtual time has come there.
struct Step {
  Op op = Op::none;
  std::uint64_t object = 0;
  std::uint64_t pc = 0;
  bool (*enabled)(const Thread& thread) = nullptr;
  std::uint64_t argument = 0;  ///< for `enabled`
  std::int64_t deadline = -1;  ///< virtual nanoseconds; -1 none
};

/// A lock that a thread holds, and where it took it.
struct Held {
  std::uint64_t object;
  std::uint64_t pc;
  std::uint32_t context;
};

/// The last loads that changed nothing, to notice a loop that waits for another thread.
struct Spin {
  static constexpr std::uint32_t places = 4;
  static constexpr std::uint32_t patience = 20;  ///< libstdc++ spins 16 times before it sleeps
  static constexpr std::uint32_t patience_with_work = 64;  ///< it changes something itself
  static constexpr std::uint32_t patience_with_time_outs = 3;

  struct Load {
    std::uint64_t pc = 0;
    std::uint64_t object = 0;
    std::uint64_t value = 0;
  };
  Load loads[places] = {};
  std::uint32_t next = 0;
  std::uint32_t repeats = 0;
  bool works = false;  ///< since the first of the repeats the thread has written something
};

struct Thread {
  static constexpr std::uint32_t most_held = 32;

  Thread() {}  // leaves `held`, the larger part, as it is: begun once for each thread

  std::uint16_t id = 0;
  bool live = false;  ///< started and not finished
  bool detached = false;
  bool joined = false;
  bool woken = false;      ///< somebody notified this waiter
  bool timed_out = false;  ///< the last step ended by its deadline
  bool gave_way = false;   ///< excluded until somebody else has done a step
  bool spinning = false;   ///< excluded until somebody else has changed something
  bool reentrant = false;  ///< may take the lock it waits for a second time
  std::uint64_t mark = 0;  ///< the count of steps, or of others' changes, when it was excluded
  std::uint64_t steps = 0;
  std::uint64_t changes = 0;         ///< its own
  std::uint32_t quiet_accesses = 0;  ///< accesses since its last step
  std::uint32_t clock_reads = 0;
  Step step;
  Spin spin;
  Thread* starter = nullptr;  ///< runs on when this one reaches its first step
  Worker* worker = nullptr;
  pthread_t handle = {};
  std::int32_t kernel_id = 0;

  void* (*routine)(void*) = nullptr;
  void* argument = nullptr;
  void* result = nullptr;
  WayOut* way_out = nullptr;  ///< of pthread_exit; null: it has not begun or is ending

  int ignored_reads = 0;  ///< above 0: the program says that they are meant
  int ignored_writes = 0;

  std::uint32_t context = 0;
  std::uint32_t lost_calls = 0;  ///< frames that found no room in the tree of contexts
  std::uint32_t held_count = 0;
  Held held[most_held];  ///< the first held_count of them

  VectorClock clock;          ///< what it has seen
  VectorClock fence_release;  ///< what it had seen at its last release fence
  VectorClock fence_acquire;  ///< what its relaxed loads have offered since the last acquire fence
  VectorClock fence_order;    ///< weak memory: what sequentially consistent fences let it see
  std::uint32_t time = 1;     ///< its own entry
};

}  // namespace contend::explore
