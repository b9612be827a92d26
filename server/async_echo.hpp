// Accepting and echoing with coroutines, for the models that serve many connections in one thread.
// Header-only, since each model brings the executor its coroutines run on.
#pragma once

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/session.hpp"
#include "server/socket.hpp"

namespace contend::server {

/// What network life does arrives as a value; nothing here throws.
template <class Executor>
inline constexpr auto as_value = asio::as_tuple(asio::use_awaitable_t<Executor>());

template <class Executor>
asio::awaitable<void, Executor> sleep(Executor executor, Nanoseconds duration) {
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Executor>
      timer(executor, duration);
  co_await timer.async_wait(as_value<Executor>);
}

/// Serves one connection to its end.
template <class Executor>
asio::awaitable<void, Executor> echo(Socket<Executor> socket, Session session) {
  while (session.open()) {
    const std::span<char> room = session.room();
    const auto [read_error, size] =
        co_await socket.async_read_some(asio::buffer(room.data(), room.size()), as_value<Executor>);
    Write write = session.received(size, read_error);
    if (write.pause > Nanoseconds::zero()) co_await sleep(socket.get_executor(), write.pause);
    while (!write.rest.empty()) {
      const auto [write_error, out] = co_await socket.async_write_some(
          asio::buffer(write.rest.data(), write.rest.size()), as_value<Executor>);
      session.sent(write, out, write_error);
    }
  }
  session.close();
}

/// Starts echo() for each connection that is admitted, on an executor that `next` returns, until
/// the listener is stopped.
template <class Next>
asio::awaitable<void, Loop> accept_all(Service& service, Acceptor acceptor, Next next) {
  while (true) {
    while (service.accepts_held()) co_await sleep(acceptor.get_executor(), Service::accept_pause);
    auto executor = next();
    auto [error, socket] = co_await acceptor.async_accept(executor, as_value<Loop>);
    if (error) {
      const AcceptAdvice advice = service.accept_failed(error);
      if (advice == AcceptAdvice::stop) co_return;
      if (advice == AcceptAdvice::pause) {
        co_await sleep(acceptor.get_executor(), Service::accept_pause);
      }
      continue;
    }
    if (auto session = service.admit(socket.native_handle())) {
      asio::co_spawn(executor, echo(std::move(socket), std::move(*session)), asio::detached);
    }
  }
}

}  // namespace contend::server
