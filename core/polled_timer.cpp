#include "core/polled_timer.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/timerfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace contend {
namespace {

using namespace std::chrono;

void set(int timer, nanoseconds since_boot) {
  const auto whole = duration_cast<seconds>(since_boot);
  const itimerspec time{.it_interval = {},
                        .it_value = {whole.count(), nanoseconds(since_boot - whole).count()}};
  ::timerfd_settime(timer, TFD_TIMER_ABSTIME, &time, nullptr);
}

}  // namespace

PolledTimer::PolledTimer(Poller& poller, std::function<void()> handler)
    : poller_(&poller),
      handler_(std::move(handler)),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  if (timer_ < 0) throw std::system_error(errno, std::system_category(), "timerfd_create");
  if (const auto error = poller.watch(timer_, *this)) {
    ::close(timer_);
    throw std::system_error(error, "epoll_ctl");
  }
}

PolledTimer::~PolledTimer() {
  poller_->forget(timer_, *this);
  ::close(timer_);
}

void PolledTimer::expire_at(steady_clock::time_point time) {
  set(timer_, std::max<nanoseconds>(time.time_since_epoch(), 1ns));  // 0 is never
}

void PolledTimer::cancel() {
  set(timer_, 0ns);
}

void PolledTimer::on_ready(std::uint32_t /*events*/) {
  // Not read: each expiry is told of once, and setting it anew forgets those before.
  handler_();
}

}  // namespace contend
