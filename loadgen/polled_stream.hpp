// TCP and Unix sockets whose bytes the worker's Poller moves, the way Connection wants them to
// travel.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <sys/socket.h>

#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>

#include "core/polled_socket.hpp"

#include "loadgen/address.hpp"
#include "loadgen/rooms.hpp"
#include "loadgen/stream_socket.hpp"

namespace contend::loadgen {

class PolledStream {
 public:
  using Error = boost::system::error_code;

  /// `room` is of largest_read bytes. All connections of a thread have the same one, which is
  /// always in the cache: nothing in it is needed once a callback has returned.
  PolledStream(Poller& poller, std::span<char> room) : socket_(poller), room_(room) {}

  /// Starts to connect, from `source` if there is one; an error if not even that was possible, and
  /// no call of `handler` then. try_again: the queue of a Unix socket's server is full.
  template <class Handler>
  Error open(const Address& address, const std::optional<Address>& source, Handler handler) {
    const auto [error, socket] = start_to_connect(address, source);
    if (error) return error;
    return socket_.adopt(socket, [handler](const Error& result, std::size_t) {
      // Reading tells what the server said before it closed.
      handler(result == boost::asio::error::broken_pipe ? Error{} : result);
    });
  }

  /// Where to build the bytes of the next write.
  std::span<char> room() const { return room_.first(largest_write); }
  Moved try_write(std::span<const char> bytes) { return socket_.try_write(bytes); }
  template <class Handler>
  void async_write_some(std::span<const char> bytes, Handler handler) {
    socket_.async_write_some(bytes, handler);
  }

  /// The handler finds what came in received().
  template <class Handler>
  void async_read_some(Handler handler) {
    socket_.async_read_some(room_, handler);
  }
  std::span<const char> received(std::size_t count) const { return room_.first(count); }

  void end_of_writing() { ::shutdown(socket_.descriptor(), SHUT_WR); }
  void close() { socket_.close(); }

  std::string describe(const Error& error) const { return error.message(); }

 private:
  PolledSocket socket_;
  std::span<char> room_;
};

}  // namespace contend::loadgen
