// A moment that a Poller tells of, as it does of sockets.
#pragma once

#include <chrono>
#include <functional>

#include "core/polled_bell.hpp"

namespace contend {

/// Threads: the Poller's.
class PolledTimer final : public TurnTimer {
 public:
  /// Throws std::system_error where no descriptor is left.
  PolledTimer(Poller& poller, std::function<void()> handler);

  void expire_at(std::chrono::steady_clock::time_point time) override;
  void cancel() override;

 private:
  // Not read: each expiry is told of once, and setting it anew forgets those before.
  PolledBell timer_;
};

}  // namespace contend
