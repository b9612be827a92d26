// TCP and Unix sockets whose bytes the worker's Ring moves, the way Connection wants them to
// travel.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include <boost/system/error_code.hpp>

#include "core/polled_socket.hpp"

#include "loadgen/address.hpp"
#include "loadgen/ring.hpp"

namespace contend::loadgen {

/// Bytes come whenever they do: whoever has begun to read must do so again in each handler.
class RingStream final : private Ring::Owner {
 public:
  using Error = boost::system::error_code;
  static constexpr bool always_reads = true;

  explicit RingStream(Ring& ring) : ring_(&ring) {}
  /// Only while it is closed.
  RingStream(RingStream&& other) noexcept : ring_(other.ring_) {}
  RingStream& operator=(RingStream&&) = delete;
  ~RingStream() { close(); }

  /// As for PolledStream.
  template <class Handler>
  Error open(const Address& address, const std::optional<Address>& source, Handler handler) {
    return connect(address, source, [handler](const Error& error, std::size_t) { handler(error); });
  }

  std::span<char> room() { return ring_->room(); }
  /// would_block where what was sent is told of later, to who called async_write_some() then.
  Moved try_write(std::span<const char> bytes);
  void async_write_some(std::span<const char> /*bytes*/, PolledSocket::Handler handler) {
    writer_ = handler;
  }
  void async_read_some(PolledSocket::Handler handler);
  std::span<const char> received(std::size_t count) const { return received_.first(count); }

  Ring::Clock::time_point now() const { return ring_->now(); }

  void end_of_writing();
  void close();

  std::string describe(const Error& error) const { return error.message(); }

 private:
  Error connect(const Address& address, const std::optional<Address>& source,
                PolledSocket::Handler handler);
  void on_done(Ring::Operation operation, int result, std::span<const char> bytes) override;
  void on_failed_send(int result);
  Error error_of_connect() const;

  Ring* ring_;
  PolledSocket::Handler reader_;
  PolledSocket::Handler writer_;  // or who waits until it is connected
  std::span<const char> received_;
  int socket_ = -1;
  std::uint32_t place_ = 0;
  bool connected_ = false;
  bool receiving_ = false;
};

}  // namespace contend::loadgen
