#include "loadgen/ring_stream.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/error.hpp>

#include "loadgen/stream_socket.hpp"

namespace contend::loadgen {
namespace {

boost::system::error_code system_error(int number) {
  return {number, boost::system::system_category()};
}

}  // namespace

RingStream::Error RingStream::connect(const Address& address, const std::optional<Address>& source,
                                      PolledSocket::Handler handler) {
  const auto [error, socket] = start_to_connect(address, source);
  if (error) return error;
  socket_ = socket;
  place_ = ring_->enter(*this, socket);
  writer_ = handler;
  ring_->wait_writable(place_);
  return {};
}

Moved RingStream::try_write(std::span<const char> bytes) {
  ring_->send(place_, bytes);
  if (ring_->sends_fit()) return {.count = bytes.size()};
  return {.error = boost::asio::error::would_block};
}

void RingStream::async_read_some(PolledSocket::Handler handler) {
  reader_ = handler;
  if (!std::exchange(receiving_, true)) ring_->receive(place_);
}

void RingStream::on_done(Ring::Operation operation, int result, std::span<const char> bytes) {
  if (operation == Ring::Operation::receive) {
    received_ = bytes;
    const Error error = result < 0    ? system_error(-result)
                        : result == 0 ? boost::asio::error::make_error_code(boost::asio::error::eof)
                                      : Error{};
    return std::exchange(reader_, {})({.error = error, .count = bytes.size()});
  }
  if (operation == Ring::Operation::send && ring_->sends_fit()) return on_failed_send(result);
  Moved moved;
  if (operation == Ring::Operation::send) {
    // Nothing of it was kept: once there is room it is built again.
    if (result == -EAGAIN) return ring_->wait_writable(place_);
    if (result < 0) moved.error = system_error(-result);
    if (result > 0) moved.count = static_cast<std::size_t>(result);
  } else if (!std::exchange(connected_, true)) {
    moved.error = error_of_connect();
  }
  std::exchange(writer_, {})(moved);
}

/// It counts as sent by now.
void RingStream::on_failed_send(int result) {
  const bool exhausted =
      result >= 0 || result == -EAGAIN || result == -ENOMEM || result == -ENOBUFS;
  if (!exhausted) return;  // reading tells what the server said before it broke
  std::exchange(reader_, {})({.error = boost::asio::error::no_buffer_space});
}

RingStream::Error RingStream::error_of_connect() const {
  const bool failed = ::send(socket_, nullptr, 0, MSG_NOSIGNAL) < 0;
  // Where it is closed already, reading tells what the server said before.
  return failed && errno != EPIPE ? system_error(errno) : Error{};
}

void RingStream::end_of_writing() {
  ring_->submit();
  ::shutdown(socket_, SHUT_WR);
}

void RingStream::close() {
  if (socket_ < 0) return;
  reader_ = writer_ = {};
  connected_ = receiving_ = false;
  ring_->leave(place_);
  ::close(std::exchange(socket_, -1));
}

}  // namespace contend::loadgen
