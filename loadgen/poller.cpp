#include "loadgen/poller.hpp"

#include <algorithm>
#include <ctime>
#include <unistd.h>

#include "core/check.hpp"

namespace contend::loadgen {

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  CONTEND_CHECK(epoll_ >= 0);  // the plan has counted descriptors
}

Poller::~Poller() {
  ::close(epoll_);
}

void Poller::watch(int descriptor, std::uint32_t events, Watched& watched) {
  epoll_event event{.events = events, .data = {.ptr = &watched}};
  CONTEND_CHECK(::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0);
  ++size_;
}

void Poller::change(int descriptor, std::uint32_t events, Watched& watched) {
  epoll_event event{.events = events, .data = {.ptr = &watched}};
  CONTEND_CHECK(::epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event) == 0);
}

void Poller::forget(int descriptor) {
  CONTEND_CHECK(::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr) == 0);
  --size_;
}

bool Poller::turn(std::chrono::nanoseconds longest) {
  using namespace std::chrono_literals;
  constexpr auto second = std::chrono::nanoseconds(1s).count();
  const auto ns = std::max(longest, 0ns).count();
  const timespec timeout{.tv_sec = ns / second, .tv_nsec = ns % second};
  const int count =
      ::epoll_pwait2(epoll_, ready_.data(), static_cast<int>(ready_.size()), &timeout, nullptr);
  // Each descriptor is in it once, so what one does with its own hurts no other.
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = ready_[static_cast<std::size_t>(i)];
    static_cast<Watched*>(event.data.ptr)->ready(event.events);
  }
  return count > 0;
}

}  // namespace contend::loadgen
