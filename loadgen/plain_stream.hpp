// TCP and Unix sockets, the way Connection wants bytes to travel: Asio connects, then the worker's
// Poller says when there are bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include "loadgen/address.hpp"
#include "loadgen/event_loop.hpp"

namespace contend::loadgen {

inline boost::asio::generic::stream_protocol::endpoint to_endpoint(const Address& address) {
  const int protocol = address.storage.ss_family == AF_UNIX ? 0 : IPPROTO_TCP;
  return {&address.storage, address.size, protocol};
}

/// Where it is while anything is under way must not change. Handlers are forgotten by close().
class PlainStream final : private Poller::Watched {
 public:
  using Error = boost::system::error_code;
  // The executor is spelled out since the type-erased default costs on every operation; generic, so
  // that TCP and Unix sockets are one type.
  using Socket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol,
                                                  boost::asio::io_context::executor_type>;
  /// Called at once where the kernel has done it at once.
  using Handler = std::function<void(const Error& error, std::size_t count)>;

  explicit PlainStream(EventLoop& loop)
      : socket_(loop.context().get_executor()), poller_(&loop.poller()) {}
  PlainStream(PlainStream&& other) noexcept
      : socket_(std::move(other.socket_)), poller_(other.poller_) {}
  ~PlainStream() { close(); }

  /// Starts to connect, from `source` if there is one; an error if not even that was possible, and
  /// no call of `handler` then.
  template <class Connected>
  Error open(const Address& address, const std::optional<Address>& source, Connected handler) {
    if (const Error error = prepare(address, source)) return error;
    socket_.async_connect(to_endpoint(address), [this, life = life_, handler](const Error& error) {
      if (!error && life == life_) adopt();
      handler(error);
    });
    return {};
  }

  void async_write_some(boost::asio::const_buffer bytes, const Handler& handler);
  void async_read_some(boost::asio::mutable_buffer room, Handler handler);

  void end_of_writing();
  /// RST instead of FIN.
  void reset_when_closed();
  void close();

  std::string describe(const Error& error) const { return error.message(); }

 private:
  Error prepare(const Address& address, const std::optional<Address>& source);
  void adopt();
  void ready(std::uint32_t events) override;
  void read();
  void watch_for(std::uint32_t events);
  void write_later(boost::asio::const_buffer bytes, const Handler& handler);

  Socket socket_;  // until it is connected
  Poller* poller_;
  int descriptor_ = -1;            // from then on
  std::uint32_t watched_for_ = 0;  // 0: the poller does not know it
  std::uint32_t life_ = 0;         // of an earlier socket: another number
  int nested_ = 0;                 // writes within the handler of a write
  Handler on_read_;
  Handler on_written_;
  boost::asio::mutable_buffer room_;
  boost::asio::const_buffer bytes_;
};

}  // namespace contend::loadgen
