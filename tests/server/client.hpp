// A blocking client for tests of servers: plain sockets, with a guard against hanging for ever. It
// shares nothing with loadgen, nor with the server it tests.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace contend::test {

/// `size` bytes that differ from seed to seed and do not repeat within any short distance.
std::string noise(std::size_t size, std::uint64_t seed);

/// Calls fail the current test instead of returning errors, except where noted.
class Client {
 public:
  /// A TCP client of 127.0.0.1, one of ::1, and one of a Unix socket.
  explicit Client(std::uint16_t port);
  static Client of_ipv6(std::uint16_t port);
  explicit Client(const std::string& unix_path);
  Client(Client&& other) noexcept;
  Client& operator=(Client&& other) noexcept;
  ~Client() { close(); }

  int descriptor() const { return descriptor_; }

  void send(std::string_view bytes);
  /// Sends, without ever reading, until every buffer on the way is full; how much that was.
  std::size_t stuff();
  /// The same for several at a time.
  static void stuff(std::span<const Client> clients);
  /// Half-close: no more to say, still listening.
  void finish();
  /// Up to `size` bytes, as they come; empty at the end of the stream or on an error.
  std::string receive_some(std::size_t size);
  /// Exactly `size` bytes, fewer only at the end of the stream.
  std::string receive(std::size_t size);
  /// Everything until the server closes.
  std::string receive_all();
  /// As receive(size) while sending, so that neither side has to buffer it all.
  std::string exchange(std::string_view bytes);

  void close();
  /// Closes with a reset.
  void reset();

 private:
  Client() = default;

  int descriptor_ = -1;
};

}  // namespace contend::test
