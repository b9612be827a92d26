// One thread running one io_context: accepts on a listener of its own and serves each connection as
// a coroutine, for life; or echoes the datagrams of a socket of its own.
#pragma once

#include <thread>

#include "server/async_echo.hpp"
#include "server/datagram_echo.hpp"

namespace contend::server {

class EventLoop {
 public:
  EventLoop(Service& service, const Listener& listener) {
    const Loop loop = context_.get_executor();
    if (listener.takes_datagrams()) {
      echo_datagrams_in(context_, service, listener).start_on(loop);
    } else {
      accept_all(service, make_acceptor(context_, listener), [loop] {
        return loop;
      }).start_on(loop);
    }
    thread_ = std::jthread([this] { context_.run(); });
  }
  ~EventLoop() { context_.stop(); }

 private:
  // Its sockets are one thread's and need no locks.
  asio::io_context context_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  std::jthread thread_;
};

}  // namespace contend::server
