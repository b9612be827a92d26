#include "loadgen/ring_timer.hpp"

#include <utility>

namespace contend::loadgen {

RingTimer::RingTimer(Ring& ring, std::function<void()> handler)
    : ring_(&ring), handler_(std::move(handler)), place_(ring.enter(*this, Ring::no_socket)) {}

void RingTimer::expire_at(std::chrono::steady_clock::time_point time) {
  using namespace std::chrono;
  const auto whole = duration_cast<seconds>(time.time_since_epoch());
  handed_over_ = {whole.count(), nanoseconds(time.time_since_epoch() - whole).count()};
  time_ = time;
  ++under_way_;
  ring_->wait_until(place_, handed_over_);
}

void RingTimer::on_done(Ring::Operation /*operation*/, int /*result*/,
                        std::span<const char> /*bytes*/) {
  --under_way_;
  if (std::chrono::steady_clock::now() < time_) {
    if (time_ != never && under_way_ == 0) expire_at(time_);  // the kernel failed to wait
    return;
  }
  time_ = never;
  handler_();
}

}  // namespace contend::loadgen
