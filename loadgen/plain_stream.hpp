// TCP and Unix sockets whose bytes Asio moves.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "loadgen/address.hpp"
#include "loadgen/source_range.hpp"

namespace contend::loadgen {

inline boost::asio::generic::stream_protocol::endpoint to_endpoint(const Address& address) {
  const int protocol = address.storage.ss_family == AF_UNIX ? 0 : IPPROTO_TCP;
  return {&address.storage, address.size, protocol};
}

class PlainStream {
 public:
  using Error = boost::system::error_code;
  // The executor is spelled out since the type-erased default costs on every operation; generic, so
  // that TCP and Unix sockets are one type.
  using Socket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol,
                                                  boost::asio::io_context::executor_type>;

  explicit PlainStream(boost::asio::io_context& context) : socket_(context.get_executor()) {}

  /// Starts to connect, from `source` if there is one; an error if not even that was possible, and
  /// no call of `handler` then.
  template <class Handler>
  Error open(const Address& address, const std::optional<Address>& source, Handler handler) {
    const auto endpoint = to_endpoint(address);
    Error error;
    socket_.open(endpoint.protocol(), error);
    if (error) return error;
    Error ignored;  // no such option on a Unix socket
    socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
    if ((error = set_source(socket_.native_handle(), source))) return error;
    socket_.async_connect(endpoint, std::move(handler));
    return {};
  }

  template <class Handler>
  void async_write_some(std::span<const char> bytes, Handler handler) {
    socket_.async_write_some(boost::asio::buffer(bytes.data(), bytes.size()), std::move(handler));
  }

  template <class Handler>
  void async_read_some(std::span<char> room, Handler handler) {
    socket_.async_read_some(boost::asio::buffer(room.data(), room.size()), std::move(handler));
  }

  void end_of_writing() {
    Error ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }

  /// RST instead of FIN.
  void reset_when_closed() {
    Error ignored;
    socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
  }

  void close() {
    Error ignored;
    socket_.close(ignored);
  }

  std::string describe(const Error& error) const { return error.message(); }

 private:
  Socket socket_;
};

}  // namespace contend::loadgen
