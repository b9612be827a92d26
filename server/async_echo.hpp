// Accepting and echoing with coroutines, for the models that serve many connections in one thread.
// Header-only, since each model brings the executor its coroutines run on.
#pragma once

#include <new>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/session.hpp"
#include "server/stream.hpp"

namespace contend::server {

template <class Executor>
asio::awaitable<void, Executor> sleep(Executor executor, Nanoseconds duration) {
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Executor>
      timer(executor, duration);
  co_await timer.async_wait(as_value<Executor>);
}

/// Serves one connection to its end.
template <class Stream>
asio::awaitable<void, typename Stream::Executor> echo(Stream stream, Session session) {
  if constexpr (Stream::is_tls) {
    const auto [error, nothing] = co_await stream.shake_hands();
    if (error) session.received(nothing, error);
  }
  while (session.open(stream.held())) {
    const auto [read_error, size] = co_await stream.read(session.room());
    Write write = session.received(size, read_error);
    if (write.pause > Nanoseconds::zero()) co_await sleep(stream.get_executor(), write.pause);
    while (!write.rest.empty()) {
      const auto [write_error, out] = co_await stream.write(write.rest);
      session.sent(write, out, write_error);
    }
  }
  if constexpr (Stream::is_tls) {
    if (!session.resets()) co_await stream.say_farewell();
  }
  session.close();
}

/// Starts echo() for one connection, if it is admitted and there is memory for it.
template <class Executor>
AcceptAdvice welcome(Service& service, Executor executor, Socket<Executor> socket) try {
  auto session = service.admit(socket.native_handle());
  if (!session) return AcceptAdvice::retry;
  if (const TlsContext* tls = service.tls()) {
    asio::co_spawn(executor, echo(TlsStream(*tls, std::move(socket)), std::move(*session)),
                   asio::detached);
  } else {
    asio::co_spawn(executor, echo(PlainStream(std::move(socket)), std::move(*session)),
                   asio::detached);
  }
  return AcceptAdvice::retry;
} catch (const std::bad_alloc&) {
  return service.accept_failed(asio::error::no_memory);
}

/// Welcomes each connection, on an executor that `next` returns, until the listener is stopped.
template <class Next>
asio::awaitable<void, Loop> accept_all(Service& service, Acceptor acceptor, Next next) {
  while (true) {
    while (service.accepts_held()) co_await sleep(acceptor.get_executor(), Service::accept_pause);
    auto executor = next();
    auto [error, socket] = co_await acceptor.async_accept(executor, as_value<Loop>);
    const AcceptAdvice advice =
        error ? service.accept_failed(error) : welcome(service, executor, std::move(socket));
    if (advice == AcceptAdvice::stop) co_return;
    if (advice == AcceptAdvice::pause) {
      co_await sleep(acceptor.get_executor(), Service::accept_pause);
    }
  }
}

}  // namespace contend::server
