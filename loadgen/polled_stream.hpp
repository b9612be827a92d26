// TCP and Unix sockets whose bytes the worker's Poller moves, the way Connection wants them to
// travel.
#pragma once

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <span>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>

#include "core/polled_socket.hpp"

#include "loadgen/address.hpp"
#include "loadgen/rooms.hpp"
#include "loadgen/source_range.hpp"

namespace contend::loadgen {

class PolledStream {
 public:
  using Error = boost::system::error_code;
  using Rooms = SharedRoom;

  explicit PolledStream(Poller& poller) : socket_(poller) {}

  /// Starts to connect, from `source` if there is one; an error if not even that was possible, and
  /// no call of `handler` then. try_again: the queue of a Unix socket's server is full.
  template <class Handler>
  Error open(const Address& address, const std::optional<Address>& source, Handler handler) {
    const int socket =
        ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket < 0) return last_error();
    const int on = 1;  // no such option on a Unix socket
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Error error = set_source(socket, source);
    const auto* to = reinterpret_cast<const sockaddr*>(&address.storage);
    if (!error && ::connect(socket, to, address.size) != 0 && errno != EINPROGRESS) {
      error = last_error();
    }
    if (error) {
      ::close(socket);
      return error;
    }
    return socket_.adopt(socket, [handler](const Error& result, std::size_t) {
      // Reading tells what the server said before it closed.
      handler(result == boost::asio::error::broken_pipe ? Error{} : result);
    });
  }

  Moved try_write(std::span<const char> bytes) { return socket_.try_write(bytes); }
  template <class Handler>
  void async_write_some(std::span<const char> bytes, Handler handler) {
    socket_.async_write_some(bytes, handler);
  }
  template <class Handler>
  void async_read_some(std::span<char> room, Handler handler) {
    socket_.async_read_some(room, handler);
  }

  void end_of_writing() { ::shutdown(socket_.descriptor(), SHUT_WR); }
  void close() { socket_.close(); }

  std::string describe(const Error& error) const { return error.message(); }

 private:
  static Error last_error() { return {errno, boost::system::system_category()}; }

  PolledSocket socket_;
};

}  // namespace contend::loadgen
