#include "core/poller.hpp"

#include <cerrno>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "core/fetch.hpp"
#include "core/polled_timer.hpp"

namespace contend {
namespace {

int new_set() {
  const int set = ::epoll_create1(EPOLL_CLOEXEC);
  if (set < 0) throw std::system_error(errno, std::system_category(), "epoll_create1");
  return set;
}

boost::system::error_code control(int set, int operation, int socket, Polled& polled) {
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = &polled}};
  if (::epoll_ctl(set, operation, socket, &event) == 0) return {};
  return {errno, boost::system::system_category()};
}

}  // namespace

Poller::Poller() : set_(new_set()) {}

Poller::~Poller() {
  ::close(set_);
}

std::unique_ptr<TurnTimer> Poller::timer(std::function<void()> handler) {
  return std::make_unique<PolledTimer>(*this, std::move(handler));
}

boost::system::error_code Poller::watch(int socket, Polled& polled) {
  return control(set_, EPOLL_CTL_ADD, socket, polled);
}

void Poller::look_again(int socket, Polled& polled) {
  control(set_, EPOLL_CTL_MOD, socket, polled);
}

void Poller::forget(int socket, Polled& polled) {
  control(set_, EPOLL_CTL_DEL, socket, polled);
  for (int i = next_; i < count_; ++i) {
    epoll_event& event = ready_[static_cast<std::size_t>(i)];
    if (event.data.ptr == &polled) event.data.ptr = nullptr;
  }
}

int Poller::turn(int wait_ms) {
  const int count = ::epoll_wait(set_, ready_.data(), most_ready, wait_ms);
  count_ = count;
  for (next_ = 0; next_ < count_;) {
    if (next_ + 2 < count_) fetch(ready_[static_cast<std::size_t>(next_ + 2)].data.ptr);
    const epoll_event& event = ready_[static_cast<std::size_t>(next_++)];
    if (event.data.ptr != nullptr) static_cast<Polled*>(event.data.ptr)->on_ready(event.events);
  }
  return count;
}

}  // namespace contend
