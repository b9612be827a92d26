// poll and its kin: a step that is taken when a descriptor is ready, or when its time is up.
#include <cerrno>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>

#include "races/explore/runtime/channel.hpp"
#include "races/explore/runtime/hooks.hpp"
#include "races/explore/runtime/platform.hpp"
#include "races/explore/runtime/readiness.hpp"
#include "races/explore/runtime/real.hpp"
#include "races/explore/runtime/time.hpp"
#include "races/explore/runtime/timers.hpp"

namespace contend::explore {
namespace {

bool internet = false;
bool under_way = false;

struct Descriptors {
  pollfd* list;
  nfds_t count;
};

bool any_is_ready(const Thread& thread) {
  const auto* asked = reinterpret_cast<const Descriptors*>(thread.step.argument);
  return kernel(SYS_poll, static_cast<long>(number(asked->list)), static_cast<long>(asked->count),
                0) != 0;
}

std::int64_t deadline_in(std::int64_t nanoseconds) {
  return nanoseconds < 0 ? -1 : scheduler.now() + nanoseconds;
}

std::int64_t in_milliseconds(int timeout) {
  return timeout < 0 ? -1 : std::int64_t{timeout} * 1'000'000;
}

std::int64_t in_nanoseconds(const timespec* timeout) {
  return timeout == nullptr ? -1 : nanoseconds(*timeout);
}

// SO_RCVTIMEO and SO_SNDTIMEO; none for what is no socket.
std::int64_t own_timeout(int descriptor, short events) {
  timeval limit{};
  socklen_t size = sizeof limit;
  const int option = events == ready_to_read ? SO_RCVTIMEO : SO_SNDTIMEO;
  if (kernel(SYS_getsockopt, descriptor, SOL_SOCKET, option, static_cast<long>(number(&limit)),
             static_cast<long>(number(&size))) != 0) {
    return -1;
  }
  const std::int64_t total = limit.tv_sec * 1'000'000'000 + limit.tv_usec * 1000;
  return total == 0 ? -1 : total;
}

/// Only what came from inside the process can be waited for.
void refuse_outside(const pollfd* list, nfds_t count) {
  for (nfds_t i = 0; i < count; ++i) {
    if (list[i].fd >= 0 && is_inherited(list[i].fd) && can_wait(list[i].fd)) {
      scheduler.uncontrolled("waiting for a descriptor from outside the process");
    }
  }
}

/// A step that is taken when any of them is ready or the deadline is there; false if it was that.
/// Whoever waits looks again when a timer expires, which may be one of those he waits for.
bool wait_for(const Descriptors& asked, std::int64_t deadline, std::uint64_t object,
              std::uint64_t pc) {
  for (;;) {
    const std::int64_t timer = next_timer();
    const bool timer_first = timer != never && (deadline < 0 || timer < deadline);
    const bool in_time = scheduler.step(
        {Op::io, object, pc, any_is_ready, number(&asked), timer_first ? timer : deadline});
    let_timers_expire();
    if (in_time) return true;
    if (deadline >= 0 && scheduler.now() >= deadline) return any_is_ready(scheduler.current());
    scheduler.only_looked();
    if (any_is_ready(scheduler.current())) return true;
  }
}

int wait_for_any(pollfd* list, nfds_t count, std::int64_t timeout, std::uint64_t pc) {
  refuse_outside(list, count);
  if (timeout == 0) {
    scheduler.step({Op::io, number(list), pc});
    let_timers_expire();
  } else {
    wait_for({list, count}, deadline_in(timeout), number(list), pc);
  }
  const long ready = kernel(SYS_poll, static_cast<long>(number(list)), static_cast<long>(count), 0);
  if (ready == 0 && timeout == 0) looked_in_vain(pc, number(list));
  if (ready >= 0) return static_cast<int>(ready);
  errno = static_cast<int>(-ready);
  return -1;
}

int wait_for_events(int epoll, epoll_event* events, int most, int timeout, std::uint64_t pc) {
  pollfd self{epoll, POLLIN, 0};
  if (wait_for_any(&self, 1, in_milliseconds(timeout), pc) < 0) return -1;
  const int count = real().epoll_wait(epoll, events, most, 0);
  if (count > 0) scheduler.detector().acquire(scheduler.current(), read_channel(epoll));
  return count;
}

constexpr int most_selected = FD_SETSIZE;

// The sets as a list for poll, so that asking does not change them.
int wait_for_sets(int count, fd_set* reading, fd_set* writing, fd_set* failing,
                  std::int64_t timeout, std::uint64_t pc) {
  pollfd list[most_selected];
  nfds_t length = 0;
  const auto in = [](const fd_set* set, int i) { return set != nullptr && FD_ISSET(i, set); };
  for (int i = 0; i < count && i < most_selected; ++i) {
    const int events = (in(reading, i) ? POLLIN : 0) | (in(writing, i) ? POLLOUT : 0) |
                       (in(failing, i) ? POLLPRI : 0);
    if (events != 0) list[length++] = {i, static_cast<short>(events), 0};
  }
  if (wait_for_any(list, length, timeout, pc) < 0) return -1;
  timeval at_once{0, 0};
  return real().select(count, reading, writing, failing, &at_once);
}

}  // namespace

void looked_in_vain(std::uint64_t pc, std::uint64_t object) {
  scheduler.saw(pc, object, 0);
  if (next_timer() != never) look_at_clock(pc);
}

bool wait_until_ready(int descriptor, short events, bool blocking, std::uint64_t pc) {
  const auto object = static_cast<std::uint64_t>(descriptor);
  if (!blocking) {
    scheduler.step({Op::io, object, pc});
    let_timers_expire();
    return true;
  }
  pollfd one{descriptor, events, 0};
  refuse_outside(&one, 1);
  return wait_for({&one, 1}, deadline_in(own_timeout(descriptor, events)), object, pc);
}

void internet_is_used() {
  internet = under_way = true;
}

void something_was_sent() {
  under_way = internet;
}

bool may_be_under_way() {
  return under_way;
}

void nothing_is_under_way() {
  under_way = false;
}

}  // namespace contend::explore

using namespace contend::explore;

extern "C" {

int poll(pollfd* list, nfds_t count, int timeout) {
  if (!controlled) return real().poll(list, count, timeout);
  return wait_for_any(list, count, in_milliseconds(timeout), CONTEND_CALLER());
}

int ppoll(pollfd* list, nfds_t count, const timespec* timeout, const sigset_t* mask) {
  if (!controlled) return real().ppoll(list, count, timeout, mask);
  return wait_for_any(list, count, in_nanoseconds(timeout), CONTEND_CALLER());
}

int select(int count, fd_set* reading, fd_set* writing, fd_set* failing, timeval* timeout) {
  if (!controlled) return real().select(count, reading, writing, failing, timeout);
  const std::int64_t limit =
      timeout == nullptr ? -1 : timeout->tv_sec * 1'000'000'000 + timeout->tv_usec * 1000;
  return wait_for_sets(count, reading, writing, failing, limit, CONTEND_CALLER());
}

int pselect(int count, fd_set* reading, fd_set* writing, fd_set* failing, const timespec* timeout,
            const sigset_t* mask) {
  if (!controlled) return real().pselect(count, reading, writing, failing, timeout, mask);
  return wait_for_sets(count, reading, writing, failing, in_nanoseconds(timeout), CONTEND_CALLER());
}

// What is told to wait for happens before that is over.
int epoll_ctl(int epoll, int operation, int descriptor, epoll_event* event) {
  if (controlled) {
    scheduler.step({Op::io, static_cast<std::uint64_t>(epoll), CONTEND_CALLER()});
    scheduler.detector().release(scheduler.current(), written_channel(epoll));
    scheduler.changed();
  }
  return static_cast<int>(result_of(
      kernel(SYS_epoll_ctl, epoll, operation, descriptor, static_cast<long>(number(event)))));
}

int epoll_wait(int epoll, epoll_event* events, int most, int timeout) {
  if (!controlled) return real().epoll_wait(epoll, events, most, timeout);
  return wait_for_events(epoll, events, most, timeout, CONTEND_CALLER());
}

int epoll_pwait(int epoll, epoll_event* events, int most, int timeout, const sigset_t* mask) {
  if (!controlled) return real().epoll_pwait(epoll, events, most, timeout, mask);
  return wait_for_events(epoll, events, most, timeout, CONTEND_CALLER());
}

}  // extern "C"
