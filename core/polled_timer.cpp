#include "core/polled_timer.hpp"

#include <algorithm>
#include <sys/timerfd.h>
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
    : timer_(poller, ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
             std::move(handler)) {}

void PolledTimer::expire_at(steady_clock::time_point time) {
  set(timer_.descriptor(), std::max<nanoseconds>(time.time_since_epoch(), 1ns));  // 0 is never
}

void PolledTimer::cancel() {
  set(timer_.descriptor(), 0ns);
}

}  // namespace contend
