// Accepting and echoing with coroutines, for the models that serve many connections in one thread.
// Header-only, since each model brings the place where its coroutines run: an executor, and the
// stream that a plain socket becomes there.
#pragma once

#include <memory>
#include <new>
#include <utility>

#include <boost/asio/basic_waitable_timer.hpp>

#include "server/resumption.hpp"
#include "server/session.hpp"
#include "server/stream.hpp"

namespace contend::server {

template <class Executor>
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

/// Serves one connection to its end.
template <class Stream>
Detached echo(Stream stream, Session session) {
  if constexpr (Stream::is_tls) {
    const auto [error, nothing] = co_await stream.shake_hands();
    if (error) session.received(nothing, error);
  }
  if constexpr (requires { stream.settle(); }) {
    if (const auto error = stream.settle()) session.received(0, error);
  }
  for ([[maybe_unused]] bool parted = false;;) {
    Write write;
    if (session.open(stream.held())) {
      const auto [read_error, size] = co_await stream.read(session.room());
      write = session.received(size, read_error);
    } else {
      if constexpr (Stream::is_tls) {
        if (!std::exchange(parted, true) && !session.resets()) co_await stream.say_farewell();
      }
      if (!session.lingers()) break;
      write.pause = Session::linger_pause;
    }
    if (write.pause > Nanoseconds::zero()) {
      session.keep(write);
      [[maybe_unused]] const auto awaiting = stream.awaits_asio();
      // Apart, since most connections never pause, and each would hold the room for it.
      const auto pause =
          std::make_unique<Timer<typename Stream::Executor>>(stream.get_executor(), write.pause);
      co_await pause->async_wait(asio::deferred);
    }
    while (!write.rest.empty()) {
      if constexpr (requires { stream.try_write(write.rest); }) {
        const auto [error, out] = stream.try_write(write.rest);
        if (error != asio::error::would_block) {
          session.sent(write, out, error);
          continue;
        }
        session.keep(write);
      }
      const auto [write_error, out] = co_await stream.write(write.rest);
      session.sent(write, out, write_error);
    }
  }
  session.close();
}

/// Where Asio moves the bytes.
template <class E>
struct OnAsio {
  using Executor = E;
  auto stream(Socket<Executor> socket) const { return PlainStream(std::move(socket)); }
  /// To be kept while an operation of Asio is awaited that is no stream's.
  int awaits_asio() const { return 0; }
  /// For all of its connections to read to; null where each needs its own.
  char* room() const { return nullptr; }

  Executor executor;
};
template <class E>
OnAsio(E) -> OnAsio<E>;

/// Starts echo() for one connection, if it is admitted and there is memory for it.
template <class Place>
AcceptAdvice welcome(Service& service, const Place& place,
                     Socket<typename Place::Executor> socket) try {
  const TlsContext* tls = service.tls();
  auto session = service.admit(socket.native_handle(), tls == nullptr ? place.room() : nullptr);
  if (!session) return AcceptAdvice::retry;
  if (tls != nullptr) {
    echo(TlsStream(*tls, std::move(socket)), std::move(*session)).start_on(place.executor);
  } else {
    echo(place.stream(std::move(socket)), std::move(*session)).start_on(place.executor);
  }
  return AcceptAdvice::retry;
} catch (const std::bad_alloc&) {
  return service.accept_failed(asio::error::no_memory);
}

/// Welcomes up to so many of those that wait already: a loop that took one a turn, between the
/// messages of all whom it serves, would let a storm wait for seconds.
template <class Next>
AcceptAdvice welcome_waiting(Service& service, Acceptor& acceptor, Next next, int most) {
  AcceptAdvice advice = AcceptAdvice::retry;
  while (most-- > 0 && advice == AcceptAdvice::retry && !service.accepts_held()) {
    const auto& place = next();
    boost::system::error_code error;
    auto socket = acceptor.accept(place.executor, error);
    if (error == asio::error::would_block) break;
    advice = error ? service.accept_failed(error) : welcome(service, place, std::move(socket));
  }
  return advice;
}

/// Welcomes each connection, at the place that `next` returns, until the listener is stopped.
template <class Next>
Detached accept_all(Service& service, Acceptor acceptor, Next next) {
  constexpr int most_at_once = 128;
  acceptor.non_blocking(true);
  Timer<Loop> pause(acceptor.get_executor());
  AcceptAdvice advice = AcceptAdvice::retry;
  while (advice != AcceptAdvice::stop) {
    const auto& place = next();
    while (service.accepts_held() ||
           std::exchange(advice, AcceptAdvice::retry) == AcceptAdvice::pause) {
      [[maybe_unused]] const auto awaiting = place.awaits_asio();
      pause.expires_after(Service::accept_pause);
      co_await pause.async_wait(asio::deferred);
    }
    auto [error, socket] = co_await acceptor.async_accept(place.executor, asio::deferred);
    advice = error ? service.accept_failed(error) : welcome(service, place, std::move(socket));
    if (advice == AcceptAdvice::retry) {
      advice = welcome_waiting(service, acceptor, next, most_at_once);
    }
  }
}

}  // namespace contend::server
