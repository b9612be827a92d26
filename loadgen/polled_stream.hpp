// TCP and Unix sockets, the way Connection wants bytes to travel: Asio connects them, and the
// worker's Poller moves their bytes.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "core/polled_socket.hpp"

#include "loadgen/plain_stream.hpp"
#include "loadgen/rooms.hpp"

namespace contend::loadgen {

class PolledStream {
 public:
  using Error = boost::system::error_code;
  using Rooms = SharedRoom;

  PolledStream(boost::asio::io_context& context, Poller& poller)
      : connecting_(context), socket_(poller) {}

  template <class Handler>
  Error open(const Address& address, const std::optional<Address>& source, Handler handler) {
    return connecting_.open(address, source, std::move(handler));
  }
  Error connected() { return socket_.adopt(connecting_.release()); }

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
  void close() {
    connecting_.close();
    socket_.close();
  }

  std::string describe(const Error& error) const { return error.message(); }

 private:
  PlainStream connecting_;  // closed once it is connected
  PolledSocket socket_;
};

}  // namespace contend::loadgen
