#include "core/interrupt.hpp"

#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/verdict.hpp"

namespace contend {
namespace {

// Signals leave no other way in than a static. Written in the handler, read everywhere; relaxed,
// since nothing is published through it.
std::atomic<bool> was_interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

int event() {
  static const int descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return descriptor;
}

// A user who means the second one is not faster; timeout(1) and terminals that go away are: they
// tell a process and then its whole group.
constexpr std::int64_t one_signal = 200'000'000;

std::int64_t nanoseconds_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void on_signal(int) {
  static std::atomic<std::int64_t> first{0};  // relaxed: it publishes nothing either
  const std::int64_t now = nanoseconds_now();
  std::int64_t told = 0;
  if (!first.compare_exchange_strong(told, now, std::memory_order_relaxed)) {
    if (now - told >= one_signal) ::_exit(exit_interrupted);
    return;
  }
  was_interrupted.store(true, std::memory_order_relaxed);
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(event(), &one, sizeof one);
}

}  // namespace

void handle_interrupts() {
  event();
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
}

bool interrupted() {
  return was_interrupted.load(std::memory_order_relaxed);
}

int interrupt_descriptor() {
  return event();
}

}  // namespace contend
