// One thread running one io_context: accepts on a listener of its own and serves each connection as
// a coroutine, for life; or echoes the datagrams of a socket of its own.
#pragma once

#include <memory>
#include <thread>

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
      echo_datagrams_in(context_, service, listener).start_on(loop);
    } else {
#ifdef BOOST_ASIO_DISABLE_EPOLL
      const OnAsio place{loop};
#else
      room_ = std::make_unique_for_overwrite<char[]>(service.options().chunk);
      const OnPoller place{loop, &poller_, &waiting_, room_.get()};
      turns_.start();
#endif
      accept_all(service, make_acceptor(context_, listener), [place] {
        return place;
      }).start_on(loop);
    }
    thread_ = std::jthread([this] { context_.run(); });
  }
  ~EventLoop() {
    context_.stop();
  }

 private:
  Poller poller_;  // outlives all whose sockets it knows
  // Its sockets are one thread's and need no locks.
  asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  PollerInAsio turns_{poller_, context_};
  Waiting waiting_;
  std::unique_ptr<char[]> room_;
  std::jthread thread_;
};

}  // namespace contend::server
