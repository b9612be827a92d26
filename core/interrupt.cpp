#include "core/interrupt.hpp"

#include <atomic>
#include <csignal>
#include <cstdint>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/verdict.hpp"

namespace contend {
namespace {

using std::chrono::nanoseconds;

// Signals leave no other way in than a static. Written in the handler, read everywhere; relaxed,
// since nothing is published through it.
std::atomic<bool> was_interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

int event() {
  static const int descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return descriptor;
}

void on_signal(int) {
  static std::atomic<std::int64_t> first{0};  // relaxed: it publishes nothing either
  const std::int64_t now = nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
  std::int64_t told = 0;
  if (!first.compare_exchange_strong(told, now, std::memory_order_relaxed)) {
    if (nanoseconds(now - told) >= one_signal) ::_exit(exit_interrupted);
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
