// A moment that a Poller tells of, as it does of sockets.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "core/poller.hpp"

namespace contend {

/// Threads: the Poller's.
class PolledTimer final : public TurnTimer, private Polled {
 public:
  /// Throws std::system_error where no descriptor is left.
  PolledTimer(Poller& poller, std::function<void()> handler);
  PolledTimer(const PolledTimer&) = delete;
  PolledTimer& operator=(const PolledTimer&) = delete;
  ~PolledTimer() override;

  void expire_at(std::chrono::steady_clock::time_point time) override;
  void cancel() override;

 private:
  void on_ready(std::uint32_t events) override;

  Poller* poller_;
  std::function<void()> handler_;
  int timer_;
};

}  // namespace contend
