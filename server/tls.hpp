// TLS over a connected socket: OpenSSL behind two small types, so that no other file sees it. Every
// call is one step that may want the socket to become readable or writable first, so that blocking
// and waiting models share it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include <boost/system/error_code.hpp>

#include "core/expected.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace contend::server {

/// A certificate and its key, shared by all connections. Threads: any.
class TlsContext {
 public:
  /// TLS 1.2 and later. Errors: a file cannot be read, holds no certificate (or key), or the two do
  /// not belong together.
  static Expected<TlsContext> open(const std::string& certificate, const std::string& key);

 private:
  friend class TlsChannel;
  explicit TlsContext(ssl_ctx_st* context) : context_(context, &free) {}
  static void free(ssl_ctx_st* context);

  std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
};

/// What a step came to. With a `want` it must be repeated, with the same arguments, once the socket
/// can do that; a socket that blocks has no wants.
struct TlsStep {
  enum class Want { nothing, read, write };
  Want want = Want::nothing;
  std::size_t size = 0;  ///< bytes read or written
  boost::system::error_code error{};
};

/// One connection. End of file is asio::error::eof, with or without the client's farewell: an echo
/// has nothing to lose by a truncation. A peer that breaks the protocol is errc::protocol_error.
/// Threads: one at a time.
class TlsChannel {
 public:
  /// The caller keeps owning the descriptor.
  TlsChannel(const TlsContext& context, int descriptor);

  TlsStep shake_hands();
  TlsStep read(std::span<char> room);
  /// Writes some of it, at most one record.
  TlsStep write(std::span<const char> bytes);
  /// Tells the client that this was all. Does nothing after an error.
  TlsStep say_farewell();

  /// Bytes that have been taken off the socket and not been read from here yet.
  std::size_t held() const;

 private:
  static void free(ssl_st* connection);
  TlsStep step(int result, std::size_t size);

  std::unique_ptr<ssl_st, void (*)(ssl_st*)> connection_;
  bool broken_ = false;
};

}  // namespace contend::server
