// One thread running one io_context: accepts on a listener of its own and serves each connection as
// a coroutine, for life; or echoes the datagrams of a socket of its own.
#pragma once

#include <memory>
#include <optional>
#include <sys/eventfd.h>
#include <thread>

#include "core/polled_bell.hpp"
#include "core/poller_in_asio.hpp"

#include "server/async_echo.hpp"
#include "server/datagram_echo.hpp"
#include "server/polled_stream.hpp"

namespace contend::server {

class EventLoop {
 public:
  EventLoop(Service& service, const Listener& listener) {
    const Loop loop = context_.get_executor();
    if (listener.takes_datagrams()) {
      echo_datagrams_in({context_, descriptor_of(listener)}, service).start_on(loop);
    } else {
#ifdef BOOST_ASIO_DISABLE_EPOLL
      const auto next = [place = OnAsio{loop}] { return place; };
#else
      begin_turns(service, listener);
      const auto next = [this]() -> const OnPoller& { return *place_; };
#endif
      // After the bell: the kernel tells Asio first then, which so knows what it is asked for.
      accept_all(service, make_acceptor(context_, listener), next).start_on(loop);
    }
    thread_ = std::jthread([this] { context_.run(); });
  }
  ~EventLoop() {
    context_.stop();
    if (ending_) ::eventfd_write(ending_->descriptor(), 1);
  }

 private:
  void begin_turns(Service& service, const Listener& listener) {
    place_ = {context_.get_executor(), &poller_, &turns_, &waiting_, nullptr};
    turns_.start();
    if (service.tls() != nullptr) return;  // Asio reads and writes then
    room_ = std::make_unique_for_overwrite<char[]>(service.options().chunk);
    place_->shared = room_.get();
    const auto ask = [this] { turns_.ask_asio(); };
    arriving_.emplace(poller_, ::dup(listener.descriptor()), ask);
    ending_.emplace(poller_, ::eventfd(0, EFD_CLOEXEC), ask);
    turns_.ask_asio();
    turns_.take_over();
  }

  Poller poller_;  // outlives all whose sockets it knows
  std::optional<PolledBell> arriving_;
  std::optional<PolledBell> ending_;
  // Its sockets are one thread's and need no locks.
  asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  PollerInAsio turns_{poller_, context_};
  std::optional<OnPoller> place_;
  Waiting waiting_;
  std::unique_ptr<char[]> room_;
  std::jthread thread_;
};

}  // namespace contend::server
