#include "loadgen/tls_stream.hpp"

#include <boost/asio/ssl/host_name_verification.hpp>
#include <fmt/format.h>

namespace contend::loadgen {

namespace ssl = boost::asio::ssl;

Expected<TlsContext> make_context(const TlsOptions& tls) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  boost::system::error_code error;
  context->set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1, error);
  if (tls.insecure) {
    context->set_verify_mode(ssl::verify_none, error);
    return context;
  }
  context->set_verify_mode(ssl::verify_peer, error);
  if (tls.authorities.empty()) {
    context->set_default_verify_paths(error);
    if (error) return world_error("--tls-ca: the system's certificates: " + error.message());
    return context;
  }
  context->load_verify_file(tls.authorities, error);
  if (!error) return context;
  return world_error(fmt::format("--tls-ca: {}: {}", tls.authorities, error.message()));
}

void TlsStream::name_server(Error& error) {
  Error no_address;
  boost::asio::ip::make_address(host_, no_address);
  // An address is proven like a name, but not sent as one (RFC 6066, 3).
  if (no_address && SSL_set_tlsext_host_name(layers_->native_handle(), host_.c_str()) != 1) {
    error = boost::asio::error::invalid_argument;
    return;
  }
  layers_->set_verify_callback(ssl::host_name_verification(host_), error);
}

std::string TlsStream::describe(const Error& error) const {
  const long result = layers_ ? SSL_get_verify_result(layers_->native_handle()) : X509_V_OK;
  if (result == X509_V_OK) return error.message();
  return fmt::format("certificate refused: {}", X509_verify_cert_error_string(result));
}

}  // namespace contend::loadgen
