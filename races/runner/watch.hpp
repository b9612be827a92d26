// Looks after the actors: tells a hang from a slow trial, and where each thread stood when the
// program hung or crashed.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

#include "races/runner/meeting.hpp"

namespace contend::races {

/// Tells the world when the program crashes: the signal and the thread's stack, as a line on
/// stdout; under a sanitizer, which tells the others itself, of an abort alone. Every thread that
/// wants a stack overflow told calls it.
void tell_crashes();

/// Watches threads that should make progress. A hang is: no batch ends, and each thread that is not
/// waiting for the others is asleep without an alarm for a while, or burns CPU for seconds; or the
/// budget is long over. A thread that merely was not scheduled is neither.
class Watch {
 public:
  /// `budget`: a batch that has not ended well after it is a hang whatever the threads do.
  Watch(std::size_t actors, const Meeting& meeting, std::chrono::nanoseconds budget);
  ~Watch();

  /// Called by each actor on its own thread before the first batch, and at its end.
  void join(std::size_t actor);
  void leave();

  /// Called after each batch by one of them.
  void batch_ended() { batches_.fetch_add(1, std::memory_order_relaxed); }

 private:
  using Clock = std::chrono::steady_clock;

  struct Watched {
    std::atomic<pid_t> thread = 0;  // stored with release by the actor, loaded by the watcher
    pthread_t handle{};
    std::uint64_t cpu_ns = 0;  // watcher only
    std::uint64_t cpu_at_batch = 0;
    int quiet_looks = 0;
  };

  void look_around();
  bool is_stuck(Watched& actor);
  void tell_hang();

  const Meeting& meeting_;
  std::vector<Watched> actors_;
  std::atomic<std::uint64_t> batches_ = 0;
  std::atomic<bool> ends_ = false;
  std::atomic<std::size_t> left_ = 0;
  std::uint64_t batches_seen_ = 0;  // watcher only, as is the last
  const Clock::duration last_batch_;
  Clock::time_point last_batch_until_;
  std::thread watcher_;
};

}  // namespace contend::races
