// A descriptor that others read from, of which a Poller tells whenever there is something.
#pragma once

#include <cerrno>
#include <cstdint>
#include <functional>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "core/poller.hpp"

namespace contend {

/// Threads: the Poller's.
class PolledBell final : private Polled {
 public:
  /// Takes the descriptor, also where it throws. -1: the call that was to open it has just failed.
  /// Throws std::system_error, of errno then.
  PolledBell(Poller& poller, int descriptor, std::function<void()> handler)
      : poller_(&poller), descriptor_(descriptor), handler_(std::move(handler)) {
    if (descriptor < 0) throw std::system_error(errno, std::system_category());
    if (const auto error = poller.watch(descriptor, *this)) {
      ::close(descriptor);
      throw std::system_error(error, "epoll_ctl");
    }
  }
  PolledBell(const PolledBell&) = delete;
  PolledBell& operator=(const PolledBell&) = delete;
  ~PolledBell() {
    poller_->forget(descriptor_, *this);
    ::close(descriptor_);
  }

  int descriptor() const { return descriptor_; }

 private:
  void on_ready(std::uint32_t /*events*/) override { handler_(); }

  Poller* poller_;
  int descriptor_;
  std::function<void()> handler_;
};

}  // namespace contend
