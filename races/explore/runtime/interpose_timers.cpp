// timerfd: an eventfd, to which the runtime writes how often the timer has expired when virtual
// time comes there. The rest of what one can do with it, read, poll or epoll, is the same.
#include <cerrno>
#include <sys/eventfd.h>
#include <sys/poll.h>
#include <sys/timerfd.h>

#include "races/explore/runtime/channel.hpp"
#include "races/explore/runtime/hooks.hpp"
#include "races/explore/runtime/platform.hpp"
#include "races/explore/runtime/time.hpp"
#include "races/explore/runtime/timers.hpp"

namespace contend::explore {
namespace {

struct Timer {
  int descriptor = -1;
  clockid_t clock = CLOCK_MONOTONIC;
  std::int64_t expiry = never;
  std::int64_t interval = 0;  ///< 0: expires once
};

constexpr std::size_t most_timers = 256;
Timer timers[most_timers];
std::size_t timer_count = 0;  // those behind it are free

Timer* find_timer(int descriptor) {
  for (std::size_t i = 0; i < timer_count; ++i) {
    if (timers[i].descriptor == descriptor) return &timers[i];
  }
  return nullptr;
}

bool is_time(const timespec& time) {
  return time.tv_sec >= 0 && time.tv_nsec >= 0 && time.tv_nsec < second;
}

/// How often it has expired and nobody has read it yet: forgotten.
void drain(int descriptor) {
  pollfd self{descriptor, POLLIN, 0};
  std::uint64_t count = 0;
  if (kernel(SYS_poll, static_cast<long>(number(&self)), 1, 0) == 1) {
    kernel(SYS_read, descriptor, static_cast<long>(number(&count)), sizeof count);
  }
}

itimerspec left_of(const Timer& timer) {
  const std::int64_t now = scheduler.now();
  const std::int64_t left = timer.expiry == never ? 0 : timer.expiry - now;
  return {.it_interval = to_timespec(timer.interval), .it_value = to_timespec(left > 0 ? left : 0)};
}

/// Whoever waits for descriptors by now was promised nothing of this one.
void hurry_waiters(std::int64_t expiry) {
  for (std::uint32_t i = 0; i < scheduler.thread_count(); ++i) {
    Step& step = scheduler.thread(i).step;
    if (!scheduler.thread(i).live || step.op != Op::io || step.enabled == nullptr) continue;
    if (step.deadline < 0 || step.deadline > expiry) step.deadline = expiry;
  }
}

void arm(Timer& timer, int flags, const itimerspec& to) {
  timer.interval = nanoseconds(to.it_interval);
  const std::int64_t value = nanoseconds(to.it_value);
  if (value == 0) {
    timer.expiry = never;
    return;
  }
  timer.expiry = (flags & TFD_TIMER_ABSTIME) != 0 ? virtual_deadline(timer.clock, to.it_value)
                                                  : scheduler.now() + value;
  hurry_waiters(timer.expiry);
}

}  // namespace

std::int64_t next_timer() {
  std::int64_t first = never;
  for (std::size_t i = 0; i < timer_count; ++i) {
    const std::int64_t expiry = timers[i].expiry;
    if (expiry != never && (first == never || expiry < first)) first = expiry;
  }
  return first;
}

void let_timers_expire() {
  for (std::size_t i = 0; i < timer_count; ++i) {
    Timer& timer = timers[i];
    const std::int64_t late = scheduler.now() - timer.expiry;
    if (timer.expiry == never || late < 0) continue;
    std::uint64_t times = 1;
    if (timer.interval == 0) {
      timer.expiry = never;
    } else {
      times += static_cast<std::uint64_t>(late / timer.interval);
      timer.expiry += static_cast<std::int64_t>(times) * timer.interval;
    }
    kernel(SYS_write, timer.descriptor, static_cast<long>(number(&times)), sizeof times);
    scheduler.changed();
  }
}

void stop_timers() {
  for (std::size_t i = 0; i < timer_count; ++i) timers[i].expiry = never;
}

void forget_timer(int descriptor) {
  if (Timer* timer = find_timer(descriptor)) *timer = timers[--timer_count];
}

}  // namespace contend::explore

using namespace contend::explore;

extern "C" {

int timerfd_create(clockid_t clock, int flags) {
  if (!controlled) return static_cast<int>(result_of(kernel(SYS_timerfd_create, clock, flags)));
  static_assert(int{TFD_NONBLOCK} == int{EFD_NONBLOCK} && int{TFD_CLOEXEC} == int{EFD_CLOEXEC});
  if ((flags & ~(TFD_NONBLOCK | TFD_CLOEXEC)) != 0) {
    errno = EINVAL;
    return -1;
  }
  if (timer_count == most_timers) scheduler.uncontrolled("more than 256 of timerfd_create");
  const int descriptor = eventfd(0, flags);
  if (descriptor >= 0) timers[timer_count++] = {.descriptor = descriptor, .clock = clock};
  return descriptor;
}

int timerfd_settime(int descriptor, int flags, const itimerspec* to, itimerspec* before) {
  if (controlled) {
    scheduler.step({Op::io, static_cast<std::uint64_t>(descriptor), CONTEND_CALLER()});
    let_timers_expire();
  }
  Timer* timer = find_timer(descriptor);
  if (timer == nullptr) {
    return static_cast<int>(
        result_of(kernel(SYS_timerfd_settime, descriptor, flags, static_cast<long>(number(to)),
                         static_cast<long>(number(before)))));
  }
  if (!is_time(to->it_value) || !is_time(to->it_interval)) {
    errno = EINVAL;
    return -1;
  }
  if (before != nullptr) *before = left_of(*timer);
  drain(descriptor);
  scheduler.detector().release(scheduler.current(), written_channel(descriptor));
  arm(*timer, flags, *to);
  return 0;
}

int timerfd_gettime(int descriptor, itimerspec* now) {
  const Timer* timer = find_timer(descriptor);
  if (timer == nullptr) {
    return static_cast<int>(
        result_of(kernel(SYS_timerfd_gettime, descriptor, static_cast<long>(number(now)))));
  }
  let_timers_expire();
  *now = left_of(*timer);
  return 0;
}

}  // extern "C"
