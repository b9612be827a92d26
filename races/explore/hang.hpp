// Tells an execution that stands still from one that is only slow on a busy machine, and names the
// system call that it stands in.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>

namespace contend::explore {

class HangWatch {
 public:
  /// Call about twice a second while an execution runs. What it hangs in, once that is certain: it
  /// sleeps and has done no step for three seconds, or has computed for a minute without a step.
  std::optional<std::string> look(pid_t process, std::uint64_t steps);

 private:
  using Clock = std::chrono::steady_clock;

  std::uint64_t steps_ = ~0ULL;
  Clock::time_point since_ = Clock::now();
  Clock::time_point awake_ = Clock::now();
};

/// "read", "poll", …: the call that a thread of `process` waits in, other than for another thread.
std::string blocking_call(pid_t process);

}  // namespace contend::explore
