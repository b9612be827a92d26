#include "server/signals.hpp"

#include <csignal>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/check.hpp"

namespace contend::server {
namespace {

sigset_t minded() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&set, signal);
  return set;
}

}  // namespace

Signals::Signals() {
  const sigset_t set = minded();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  descriptor_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  CONTEND_CHECK(descriptor_ >= 0);
}

Signals::~Signals() {
  ::close(descriptor_);
}

std::optional<int> Signals::wait(std::chrono::nanoseconds budget) const {
  constexpr std::int64_t second = 1'000'000'000;
  const timespec time{budget.count() / second, budget.count() % second};
  pollfd ready{descriptor_, POLLIN, 0};
  if (::ppoll(&ready, 1, &time, nullptr) <= 0) return std::nullopt;
  signalfd_siginfo info{};
  if (::read(descriptor_, &info, sizeof info) != sizeof info) return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

}  // namespace contend::server
