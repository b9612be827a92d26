// Pipes, eventfds and sockets inside one process, and what is left to the kernel.
#include <atomic>
#include <cassert>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "tests/explore/subjects/subjects.hpp"

namespace {

// `plain` is published by what goes through the descriptors, or, when it comes late, is not.
int publish(int reader, int writer, bool late) {
  int plain = 0;
  std::thread other([&] {
    const std::uint64_t one = 1;
    if (!late) plain = 1;
    if (write(writer, &one, sizeof one) != sizeof one) std::abort();
    if (late) plain = 1;
  });
  std::uint64_t seen = 0;
  if (read(reader, &seen, sizeof seen) != sizeof seen) return 2;
  const int value = plain;
  other.join();
  return value == 1 ? 0 : 1;
}

int publish_by_pipe(bool late) {
  int ends[2];
  if (pipe(ends) != 0) return 2;
  return publish(ends[0], ends[1], late);
}

struct Address {
  sockaddr_in in{};
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&in); }
};

int listen_on_loopback(Address& address) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  socklen_t size = sizeof address.in;
  address.in.sin_family = AF_INET;
  address.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, address.get(), size) != 0 || listen(listener, 8) != 0) std::abort();
  getsockname(listener, address.get(), &size);
  return listener;
}

void ask(Address address) {
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(client, address.get(), sizeof address.in) != 0) std::abort();
  char answer[4];
  if (send(client, "ping", 4, 0) != 4) std::abort();
  if (recv(client, answer, sizeof answer, MSG_WAITALL) != 4) std::abort();
  close(client);
}

// A thread for each connection; each counts a hit, with a gap between load and store, or without.
int serve(bool broken) {
  Address address;
  const int listener = listen_on_loopback(address);
  std::atomic<int> hits{0};
  std::thread server([&] {
    std::vector<std::thread> sessions;
    for (int i = 0; i < 2; ++i) {
      const int connection = accept(listener, nullptr, nullptr);
      sessions.emplace_back([&hits, connection, broken] {
        char bytes[4];
        const ssize_t count = read(connection, bytes, sizeof bytes);
        if (broken) {
          hits = hits + 1;
        } else {
          ++hits;
        }
        if (write(connection, bytes, static_cast<std::size_t>(count)) != count) std::abort();
        close(connection);
      });
    }
    for (std::thread& session : sessions) session.join();
  });
  std::thread one([&] { ask(address); });
  std::thread two([&] { ask(address); });
  one.join();
  two.join();
  server.join();
  return hits == 2 ? 0 : 1;
}

itimerspec in_milliseconds(long first, long then) {
  return {.it_interval = {0, then * 1'000'000}, .it_value = {0, first * 1'000'000}};
}

std::uint64_t times_expired(int timer) {
  std::uint64_t times = 0;
  return read(timer, &times, sizeof times) == sizeof times ? times : 0;
}

// An answer is waited for as long as a timer runs; who relies on it to be there by then is wrong.
int answer_or_timer(bool relies) {
  int ends[2];
  if (pipe(ends) != 0) return 2;
  const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  const itimerspec soon = in_milliseconds(50, 0);
  if (timerfd_settime(timer, 0, &soon, nullptr) != 0) return 2;
  std::thread other([&] {
    if (write(ends[1], "a", 1) != 1) std::abort();
  });
  const int both = epoll_create1(0);
  for (const int each : {ends[0], timer}) {
    epoll_event event{EPOLLIN, {.fd = each}};
    if (epoll_ctl(both, EPOLL_CTL_ADD, each, &event) != 0) return 2;
  }
  epoll_event first{};
  if (epoll_wait(both, &first, 1, -1) != 1) return 3;
  if (first.data.fd == timer && times_expired(timer) != 1) return 4;
  other.join();
  return relies && first.data.fd == timer ? 1 : 0;
}

// Somebody waits for it already when it is set; it expires again and again, until it is stopped.
int timer_by_another() {
  const int timer = timerfd_create(CLOCK_REALTIME, 0);
  int plain = 0;
  std::thread other([&] {
    const itimerspec often = in_milliseconds(20, 10);
    plain = 1;
    if (timerfd_settime(timer, 0, &often, nullptr) != 0) std::abort();
  });
  if (times_expired(timer) == 0 || plain != 1) return 2;
  other.join();
  usleep(100'000);
  if (times_expired(timer) < 9) return 3;
  itimerspec left{};
  if (timerfd_gettime(timer, &left) != 0 || left.it_interval.tv_nsec != 10'000'000) return 4;
  if (left.it_value.tv_nsec == 0 || left.it_value.tv_nsec > 10'000'000) return 5;
  usleep(100'000);
  const itimerspec stopped{};
  if (timerfd_settime(timer, 0, &stopped, &left) != 0 || left.it_interval.tv_nsec == 0) return 6;
  pollfd self{timer, POLLIN, 0};
  if (poll(&self, 1, 1000) != 0) return 7;
  timespec then{};
  clock_gettime(CLOCK_REALTIME, &then);
  const itimerspec at{.it_interval = {}, .it_value = {then.tv_sec + 3600, 0}};
  if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, nullptr) != 0) return 8;
  if (times_expired(timer) != 1) return 9;
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const itimerspec soon = in_milliseconds(30, 0);
  if (timerfd_settime(timer, 0, &soon, nullptr) != 0) return 11;
  while (poll(&self, 1, 0) == 0) sched_yield();
  close(timer);
  return now.tv_sec >= at.it_value.tv_sec && now.tv_sec <= at.it_value.tv_sec + 1 ? 0 : 10;
}

}  // namespace

int timer_broken() {
  return answer_or_timer(true);
}
int timer_fixed() {
  return answer_or_timer(false);
}
int timer_by_another_fixed() {
  return timer_by_another();
}
int pipe_broken() {
  return publish_by_pipe(true);
}
int pipe_fixed() {
  return publish_by_pipe(false);
}
int eventfd_fixed() {
  const int event = eventfd(0, 0);
  return publish(event, event, false);
}
int socketpair_fixed() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return 2;
  return publish(ends[0], ends[1], false);
}
int server_broken() {
  return serve(true);
}
int server_fixed() {
  return serve(false);
}

// More than a pipe holds, read in small pieces; and an end that the reader waits for.
int full_pipe_fixed() {
  int ends[2];
  if (pipe(ends) != 0) return 2;
  const std::string text(100'000, 'x');
  std::thread writer([&] {
    if (write(ends[1], text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
    close(ends[1]);
  });
  std::size_t total = 0;
  std::vector<char> part(30'000);
  for (ssize_t count = 0; (count = read(ends[0], part.data(), part.size())) > 0;) {
    total += static_cast<std::size_t>(count);
  }
  writer.join();
  return total == text.size() ? 0 : 1;
}

// Nobody will ever write.
int silent_pipe_broken() {
  int ends[2];
  if (pipe(ends) != 0) return 2;
  char byte = 0;
  return read(ends[0], &byte, 1) == 1 ? 0 : 1;
}

int epoll_fixed() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) return 2;
  const int epoll = epoll_create1(0);
  epoll_event wanted{};
  wanted.events = EPOLLIN | EPOLLET;
  epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &wanted);
  std::thread other([&] {
    if (send(ends[1], "x", 1, 0) != 1) std::abort();
  });
  epoll_event seen{};
  while (epoll_wait(epoll, &seen, 1, 60'000) == 0) continue;
  char byte = 0;
  const bool got = recv(ends[0], &byte, 1, 0) == 1;
  pollfd again{ends[0], POLLIN, 0};
  const bool empty = poll(&again, 1, 10) == 0;
  other.join();
  return got && empty ? 0 : 1;
}

int waits_for_outside() {
  char name[] = "/tmp/contend-explore-XXXXXX";
  if (mkdtemp(name) == nullptr) return 2;
  const std::string fifo = std::string(name) + "/fifo";
  mkfifo(fifo.c_str(), 0600);
  std::thread cleaner([&] { sleep(1); });
  cleaner.join();
  const int other = open(fifo.c_str(), O_RDONLY);  // until somebody opens it for writing
  std::filesystem::remove_all(name);
  return other >= 0 ? 0 : 1;
}

int uses_signalfd() {
  sigset_t none;
  sigemptyset(&none);
  return signalfd(-1, &none, 0) >= 0 ? 0 : 1;
}

int uses_raw_system_call() {
  return syscall(SYS_wait4, -1, nullptr, 0, nullptr) == 0 ? 0 : 1;
}
