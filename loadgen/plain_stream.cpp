#include "loadgen/plain_stream.hpp"

#include <cerrno>
#include <unistd.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "loadgen/source_range.hpp"

namespace contend::loadgen {
namespace {

// A server that reads as fast as we write must not fill our stack, nor have this thread to itself.
constexpr int most_nested = 16;

boost::system::error_code last_error() {
  return {errno, boost::system::system_category()};
}

bool would_block() {
  return errno == EAGAIN || errno == EINTR;
}

}  // namespace

PlainStream::Error PlainStream::prepare(const Address& address,
                                        const std::optional<Address>& source) {
  ++life_;
  Error error;
  socket_.open(to_endpoint(address).protocol(), error);
  if (error) return error;
  Error ignored;  // no such option on a Unix socket
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  return source ? bind_source(socket_.native_handle(), *source) : error;
}

void PlainStream::adopt() {
  descriptor_ = socket_.release();
  watch_for(EPOLLIN);
}

void PlainStream::watch_for(std::uint32_t events) {
  if (events == watched_for_) return;
  if (watched_for_ == 0) {
    poller_->watch(descriptor_, events, *this);
  } else if (events == 0) {
    poller_->forget(descriptor_);
  } else {
    poller_->change(descriptor_, events, *this);
  }
  watched_for_ = events;
}

void PlainStream::async_write_some(boost::asio::const_buffer bytes, const Handler& handler) {
  if (nested_ == most_nested) return write_later(bytes, handler);
  const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && would_block()) return write_later(bytes, handler);
  ++nested_;
  handler(sent < 0 ? last_error() : Error(), sent < 0 ? 0 : static_cast<std::size_t>(sent));
  --nested_;
}

void PlainStream::write_later(boost::asio::const_buffer bytes, const Handler& handler) {
  bytes_ = bytes;
  on_written_ = handler;
  watch_for(watched_for_ | EPOLLOUT);
}

void PlainStream::async_read_some(boost::asio::mutable_buffer room, Handler handler) {
  room_ = room;
  on_read_ = std::move(handler);
  if (descriptor_ >= 0) watch_for(watched_for_ | EPOLLIN);
}

void PlainStream::ready(std::uint32_t events) {
  const auto life = life_;
  const bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
  if (on_written_ && (broken || (events & EPOLLOUT) != 0)) {
    watch_for(on_read_ ? EPOLLIN : 0U);
    async_write_some(bytes_, std::exchange(on_written_, nullptr));
  }
  if (life != life_ || (!broken && (events & EPOLLIN) == 0)) return;
  // What nobody asked for yet may wait in the kernel.
  if (!on_read_) return watch_for(watched_for_ & EPOLLOUT);
  read();
}

void PlainStream::read() {
  const auto got = ::recv(descriptor_, room_.data(), room_.size(), MSG_DONTWAIT);
  if (got < 0 && would_block()) return;
  const Error error = got > 0 ? Error() : got == 0 ? Error(boost::asio::error::eof) : last_error();
  const Handler handler = std::exchange(on_read_, nullptr);
  handler(error, got > 0 ? static_cast<std::size_t>(got) : 0);
}

void PlainStream::end_of_writing() {
  ::shutdown(descriptor_, SHUT_WR);
}

void PlainStream::reset_when_closed() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void PlainStream::close() {
  ++life_;
  on_read_ = on_written_ = nullptr;
  Error ignored;
  socket_.close(ignored);
  if (descriptor_ < 0) return;
  watch_for(0);
  ::close(std::exchange(descriptor_, -1));
}

}  // namespace contend::loadgen
