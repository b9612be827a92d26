#include "core/polled_socket.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/error.hpp>

namespace contend {
namespace {

Moved moved(ssize_t count) {
  if (count >= 0) return {.count = static_cast<std::size_t>(count)};
  return {.error = {errno, boost::system::system_category()}};
}

}  // namespace

PolledSocket::Error PolledSocket::adopt(int socket) {
  socket_ = socket;
  readable_ = ending_ = false;
  return poller_->watch(socket, *this);
}

PolledSocket::Error PolledSocket::adopt(int socket, Handler connected) {
  bytes_ = {};
  writer_ = connected;
  return adopt(socket);
}

void PolledSocket::async_read_some(std::span<char> room, Handler handler) {
  room_ = room;
  reader_ = handler;
  if (readable_) poller_->look_again(socket_, *this);
}

Moved PolledSocket::try_write(std::span<const char> bytes) {
  return moved(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

void PolledSocket::async_write_some(std::span<const char> bytes, Handler handler) {
  bytes_ = bytes;
  writer_ = handler;
  poller_->look_again(socket_, *this);
}

void PolledSocket::on_ready(std::uint32_t events) {
  constexpr std::uint32_t end = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  if ((events & end) != 0) ending_ = true;
  if ((events & (EPOLLIN | end)) != 0) readable_ = true;
  const bool reads = reader_ && readable_;
  const bool writes = writer_ && (events & (EPOLLOUT | end)) != 0;
  // A handler may destroy this, so there is one at a time.
  if (reads && writes) poller_->look_again(socket_, *this);
  if (writes) {
    write();
  } else if (reads) {
    read();
  }
}

void PolledSocket::read() {
  Moved got = moved(::recv(socket_, room_.data(), room_.size(), 0));
  if (got.error == boost::asio::error::would_block) {
    readable_ = false;
    return;
  }
  if (!got.error && got.count == 0) got.error = boost::asio::error::eof;
  // What came after a read that left room is told of anew, except for the end.
  if (!got.error && got.count < room_.size()) readable_ = ending_;
  std::exchange(reader_, {})(got);
}

void PolledSocket::write() {
  const Moved sent = try_write(bytes_);
  if (sent.error != boost::asio::error::would_block) std::exchange(writer_, {})(sent);
}

void PolledSocket::close() {
  if (socket_ < 0) return;
  reader_ = writer_ = {};
  poller_->forget(socket_, *this);
  ::close(std::exchange(socket_, -1));
}

}  // namespace contend
