// What a coroutine reads from and writes to: a socket as it is, or one with TLS on it. Both answer
// with a tuple of error and size. The plain one adds nothing to what Asio does.
#pragma once

#include <span>
#include <tuple>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/socket.hpp"
#include "server/tls.hpp"

namespace contend::server {

/// What network life does arrives as a value; nothing here throws.
template <class Executor>
inline constexpr auto as_value = asio::as_tuple(asio::use_awaitable_t<Executor>());

template <class E>
class PlainStream {
 public:
  using Executor = E;
  static constexpr bool is_tls = false;

  explicit PlainStream(Socket<Executor> socket) : socket_(std::move(socket)) {}

  Executor get_executor() { return socket_.get_executor(); }
  std::size_t held() const { return 0; }
  auto read(std::span<char> room) {
    return socket_.async_read_some(asio::buffer(room.data(), room.size()), as_value<Executor>);
  }
  auto write(std::span<const char> bytes) {
    return socket_.async_write_some(asio::buffer(bytes.data(), bytes.size()), as_value<Executor>);
  }

 private:
  Socket<Executor> socket_;
};

template <class E>
class TlsStream {
 public:
  using Executor = E;
  static constexpr bool is_tls = true;
  using Result = asio::awaitable<std::tuple<boost::system::error_code, std::size_t>, Executor>;

  TlsStream(const TlsContext& context, Socket<Executor> socket)
      : socket_(std::move(socket)), channel_(context, socket_.native_handle()) {
    socket_.native_non_blocking(true);
  }

  Executor get_executor() { return socket_.get_executor(); }
  std::size_t held() const { return channel_.held(); }

  Result shake_hands() {
    return drive([this] { return channel_.shake_hands(); });
  }
  Result say_farewell() {
    return drive([this] { return channel_.say_farewell(); });
  }
  Result write(std::span<const char> bytes) {
    return drive([this, bytes] { return channel_.write(bytes); });
  }
  /// Never without giving way first: a client that always has something to say must not keep the
  /// others waiting.
  Result read(std::span<char> room) {
    if (channel_.held() > 0) {
      co_await asio::post(get_executor(), asio::use_awaitable_t<Executor>());
    } else {
      co_await socket_.async_wait(socket_.wait_read, as_value<Executor>);
    }
    co_return co_await drive([this, room] { return channel_.read(room); });
  }

 private:
  template <class Call>
  Result drive(Call call) {
    while (true) {
      const TlsStep step = call();
      if (step.want == TlsStep::Want::nothing) co_return std::tuple(step.error, step.size);
      const auto readiness =
          step.want == TlsStep::Want::read ? socket_.wait_read : socket_.wait_write;
      const auto [error] = co_await socket_.async_wait(readiness, as_value<Executor>);
      if (error) co_return std::tuple(error, 0U);
    }
  }

  Socket<Executor> socket_;
  TlsChannel channel_;
};

}  // namespace contend::server
