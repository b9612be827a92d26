// What a coroutine reads from and writes to: a socket as it is, or one with TLS on it. Both answer
// with a tuple of error and size. The plain one adds nothing to what Asio does.
#pragma once

#include <span>
#include <tuple>
#include <utility>

#include <boost/asio/post.hpp>

#include "server/resumption.hpp"
#include "server/socket.hpp"
#include "server/tls.hpp"

namespace contend::server {

template <class E>
class PlainStream {
 public:
  using Executor = E;
  static constexpr bool is_tls = false;

  explicit PlainStream(Socket<Executor> socket) : socket_(std::move(socket)) {}

  Executor get_executor() { return socket_.get_executor(); }
  int awaits_asio() const { return 0; }
  std::size_t held() const { return 0; }
  auto read(std::span<char> room) {
    return socket_.async_read_some(asio::buffer(room.data(), room.size()), asio::deferred);
  }
  auto write(std::span<const char> bytes) {
    return socket_.async_write_some(asio::buffer(bytes.data(), bytes.size()), asio::deferred);
  }

 private:
  Socket<Executor> socket_;
};

/// One call of a TlsChannel, repeated whenever the socket can do what it wanted.
template <class Executor, class Call>
class TlsOperation {
 public:
  enum class Begins { at_once, in_turn, when_readable };

  TlsOperation(Socket<Executor>& socket, Begins begins, Call call)
      : socket_(socket), begins_(begins), call_(std::move(call)) {}

  bool await_ready() {
    if (begins_ == Begins::at_once) step_ = call_();
    return begins_ == Begins::at_once && step_.want == TlsStep::Want::nothing;
  }
  [[gnu::noinline]] void await_suspend(std::coroutine_handle<> waiting) {
    begin_operation([this, waiting] {
      Repeat repeat{*this, Resumption<>(waiting, nullptr)};
      if (begins_ == Begins::in_turn) {
        asio::post(socket_.get_executor(), std::move(repeat));
      } else {
        wait(std::move(repeat));
      }
    });
  }
  std::tuple<boost::system::error_code, std::size_t> await_resume() const {
    return {step_.error, step_.size};
  }

 private:
  struct Repeat {
    void operator()(boost::system::error_code error = {}) {
      operation.step_ = error ? TlsStep{.error = error} : operation.call_();
      if (operation.step_.want == TlsStep::Want::nothing) return resumption();
      begin_operation([this] { operation.wait(std::move(*this)); });
    }

    TlsOperation& operation;
    Resumption<> resumption;
  };

  void wait(Repeat repeat) {
    socket_.async_wait(step_.want == TlsStep::Want::write ? socket_.wait_write : socket_.wait_read,
                       std::move(repeat));
  }

  Socket<Executor>& socket_;
  Begins begins_;
  Call call_;
  TlsStep step_{.want = TlsStep::Want::read};
};

template <class E>
class TlsStream {
 public:
  using Executor = E;
  static constexpr bool is_tls = true;

  TlsStream(const TlsContext& context, Socket<Executor> socket)
      : socket_(std::move(socket)), channel_(context, socket_.native_handle()) {
    socket_.native_non_blocking(true);
  }

  Executor get_executor() { return socket_.get_executor(); }
  int awaits_asio() const { return 0; }
  std::size_t held() const { return channel_.held(); }

  auto shake_hands() {
    return operation([this] { return channel_.shake_hands(); });
  }
  auto say_farewell() {
    return operation([this] { return channel_.say_farewell(); });
  }
  auto write(std::span<const char> bytes) {
    return operation([this, bytes] { return channel_.write(bytes); });
  }
  /// Never without giving way first: a client that always has something to say must not keep the
  /// others waiting.
  auto read(std::span<char> room) {
    auto call = [this, room] { return channel_.read(room); };
    using Operation = TlsOperation<Executor, decltype(call)>;
    return Operation(
        socket_,
        channel_.held() > 0 ? Operation::Begins::in_turn : Operation::Begins::when_readable, call);
  }

 private:
  template <class Call>
  auto operation(Call call) {
    using Operation = TlsOperation<Executor, Call>;
    return Operation(socket_, Operation::Begins::at_once, call);
  }

  Socket<Executor> socket_;
  TlsChannel channel_;
};

}  // namespace contend::server
