// A moment that a Ring tells of, as it does of sockets.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <functional>
#include <span>

#include "core/turns.hpp"

#include "loadgen/ring.hpp"

namespace contend::loadgen {

class RingTimer final : public TurnTimer, private Ring::Owner {
 public:
  RingTimer(Ring& ring, std::function<void()> handler);
  RingTimer(const RingTimer&) = delete;
  RingTimer& operator=(const RingTimer&) = delete;
  ~RingTimer() override { ring_->leave(place_); }

  void expire_at(std::chrono::steady_clock::time_point time) override;
  void cancel() override { time_ = never; }

 private:
  static constexpr auto never = std::chrono::steady_clock::time_point::max();

  void on_done(Ring::Operation operation, int result, std::span<const char> bytes) override;

  Ring* ring_;
  std::function<void()> handler_;
  std::uint32_t place_;
  timespec handed_over_{};
  int under_way_ = 0;
  // Those set before still come, and are known by being too early.
  std::chrono::steady_clock::time_point time_ = never;
};

}  // namespace contend::loadgen
