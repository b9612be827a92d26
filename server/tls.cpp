#include "server/tls.hpp"

#include <cerrno>

#include <boost/asio/error.hpp>
#include <boost/system/errc.hpp>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "core/check.hpp"
#include "core/file.hpp"

namespace contend::server {
namespace {

/// Otherwise OpenSSL would ask at the terminal.
int no_password(char*, int, int, void*) {
  return 0;
}

/// So that what is found after a call was said by that call.
void forget_errors() {
  errno = 0;
  ::ERR_clear_error();
}

/// What OpenSSL has to say, "no start line" for instance.
std::string complaint() {
  const char* reason = ::ERR_reason_error_string(::ERR_peek_last_error());
  ::ERR_clear_error();
  return reason != nullptr ? reason : "OpenSSL does not say why";
}

Error refused(const char* flag, const std::string& path, const char* what) {
  return world_error(fmt::format("{} {}: {} ({})", flag, path, what, complaint()));
}

Expected<void> load(SSL_CTX* context, const std::string& certificate, const std::string& key) {
  // OpenSSL's own words for a missing file name neither the flag nor the file.
  for (const auto& [flag, path] : {std::pair("--tls-cert", certificate), {"--tls-key", key}}) {
    const Expected<std::string> readable = read_file(path);
    if (!readable) return world_error(fmt::format("{}: {}", flag, readable.error().message));
  }
  ::SSL_CTX_set_default_passwd_cb(context, no_password);
  if (::SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return refused("--tls-cert", certificate, "this is no certificate in PEM");
  }
  // A key of another kind than the certificate's is taken, and lies beside it.
  if (::SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      ::SSL_CTX_check_private_key(context) != 1) {
    return refused("--tls-key", key, "this is no unencrypted key of that certificate in PEM");
  }
  return {};
}

}  // namespace

Expected<TlsContext> TlsContext::open(const std::string& certificate, const std::string& key) {
  TlsContext made(::SSL_CTX_new(::TLS_server_method()));
  SSL_CTX* context = made.context_.get();
  CONTEND_CHECK(context != nullptr);
  ::SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  ::SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
  // A connection that waits keeps no record buffers.
  ::SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS);
  // No tickets: they would be written to a client that may be gone already.
  ::SSL_CTX_set_num_tickets(context, 0);
  ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  const Expected<void> loaded = load(context, certificate, key);
  if (!loaded) return loaded.error();
  return made;
}

void TlsContext::free(ssl_ctx_st* context) {
  ::SSL_CTX_free(context);
}

TlsChannel::TlsChannel(const TlsContext& context, int descriptor)
    : connection_(::SSL_new(context.context_.get()), &free) {
  if (!connection_) throw std::bad_alloc();
  ::SSL_set_fd(connection_.get(), descriptor);
  ::SSL_set_accept_state(connection_.get());
}

void TlsChannel::free(ssl_st* connection) {
  ::SSL_free(connection);
}

TlsStep TlsChannel::shake_hands() {
  forget_errors();
  return step(::SSL_do_handshake(connection_.get()), 0);
}

TlsStep TlsChannel::read(std::span<char> room) {
  forget_errors();
  std::size_t size = 0;
  const int result = ::SSL_read_ex(connection_.get(), room.data(), room.size(), &size);
  return step(result, size);
}

TlsStep TlsChannel::write(std::span<const char> bytes) {
  forget_errors();
  std::size_t size = 0;
  const int result = ::SSL_write_ex(connection_.get(), bytes.data(), bytes.size(), &size);
  return step(result, size);
}

TlsStep TlsChannel::say_farewell() {
  if (broken_ || ::SSL_in_init(connection_.get()) != 0) return {};
  forget_errors();
  const int result = ::SSL_shutdown(connection_.get());
  return result >= 0 ? TlsStep{} : step(result, 0);  // 0: said, and the answer is not waited for
}

std::size_t TlsChannel::held() const {
  return static_cast<std::size_t>(::SSL_pending(connection_.get()));
}

TlsStep TlsChannel::step(int result, std::size_t size) {
  if (result > 0) return {.size = size};
  const int reason = errno;
  switch (::SSL_get_error(connection_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {.want = TlsStep::Want::read};
    case SSL_ERROR_WANT_WRITE:
      return {.want = TlsStep::Want::write};
    case SSL_ERROR_ZERO_RETURN:
      return {.error = boost::asio::error::eof};
    case SSL_ERROR_SYSCALL:
      broken_ = true;
      if (reason == 0) return {.error = boost::asio::error::eof};
      return {.error = {reason, boost::system::system_category()}};
    default:
      broken_ = true;
      return {.error = make_error_code(boost::system::errc::protocol_error)};
  }
}

}  // namespace contend::server
