#include "races/explore/runtime/time.hpp"

#include <cerrno>
#include <sched.h>
#include <sys/time.h>
#include <unistd.h>

#include "races/explore/runtime/hooks.hpp"
#include "races/explore/runtime/real.hpp"

namespace contend::explore {
namespace {

// Calendar time runs ahead of the monotonic clocks by this: 2026-01-01 in UTC when it begins.
constexpr std::int64_t calendar_ahead = 1'767'225'600 * second;

std::int64_t ahead(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI
             ? calendar_ahead
             : 0;
}

int pause_until(std::int64_t deadline, std::uint64_t pc) {
  scheduler.yield({Op::sleep, 0, pc});
  if (deadline > scheduler.now()) scheduler.advance_clock(deadline - scheduler.now());
  return 0;
}

int pause_for(std::int64_t duration, std::uint64_t pc) {
  return pause_until(scheduler.now() + duration, pc);
}

}  // namespace

std::int64_t nanoseconds(const timespec& time) {
  if (time.tv_sec > 8'000'000'000) return 8'000'000'000 * second;
  return time.tv_sec * second + time.tv_nsec;
}

timespec to_timespec(std::int64_t nanoseconds) {
  return {nanoseconds / second, nanoseconds % second};
}

std::int64_t virtual_deadline(clockid_t clock, const timespec& until) {
  const std::int64_t moment = nanoseconds(until) - ahead(clock);
  return moment < 0 ? 0 : moment;
}

// A loop that waits for a moment must get there.
void look_at_clock(std::uint64_t pc) {
  Thread& self = scheduler.current();
  ++self.clock_reads;
  const std::uint32_t doublings = self.clock_reads / 64 < 20 ? self.clock_reads / 64 : 20;
  scheduler.advance_clock(std::int64_t{1000} << doublings);
  if (self.clock_reads % 16 == 0) scheduler.yield({Op::clock, 0, pc});
}

timespec virtual_time(clockid_t clock) {
  return to_timespec(scheduler.now() + ahead(clock));
}

}  // namespace contend::explore

using namespace contend::explore;

extern "C" {

int nanosleep(const timespec* duration, timespec* left) {
  if (!controlled) return real().nanosleep(duration, left);
  return pause_for(nanoseconds(*duration), CONTEND_CALLER());
}

int clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* left) {
  if (!controlled) return real().clock_nanosleep(clock, flags, time, left);
  if (flags == TIMER_ABSTIME) return pause_until(virtual_deadline(clock, *time), CONTEND_CALLER());
  return pause_for(nanoseconds(*time), CONTEND_CALLER());
}

int usleep(useconds_t microseconds) {
  if (!controlled) return real().usleep(microseconds);
  return pause_for(std::int64_t{microseconds} * 1000, CONTEND_CALLER());
}

unsigned sleep(unsigned seconds) {
  if (!controlled) return real().sleep(seconds);
  pause_for(seconds * second, CONTEND_CALLER());
  return 0;
}

int sched_yield() {
  if (!controlled) return real().sched_yield();
  scheduler.yield({Op::yield, 0, CONTEND_CALLER()});
  return 0;
}

int clock_gettime(clockid_t clock, timespec* into) {
  if (!controlled || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID) {
    return real().clock_gettime(clock, into);
  }
  look_at_clock(CONTEND_CALLER());
  *into = virtual_time(clock);
  return 0;
}

int gettimeofday(timeval* into, void* zone) {
  if (!controlled) return real().gettimeofday(into, zone);
  look_at_clock(CONTEND_CALLER());
  const timespec now = virtual_time(CLOCK_REALTIME);
  *into = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* into) {
  if (!controlled) return real().time(into);
  look_at_clock(CONTEND_CALLER());
  const time_t now = virtual_time(CLOCK_REALTIME).tv_sec;
  if (into != nullptr) *into = now;
  return now;
}

}  // extern "C"
