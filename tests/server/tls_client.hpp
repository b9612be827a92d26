// TLS on a test's client, by OpenSSL itself, and a certificate made for one test. The certificate
// is checked by the strangers' tests, not here.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "core/file.hpp"

#include "client.hpp"

namespace contend::test {

/// A self-signed certificate for localhost and its key, made by the openssl command.
class Certificate {
 public:
  explicit Certificate(const std::string& kind = "ec");  ///< as openssl names it
  bool made() const;
  std::string path() const { return folder_.path() / "cert.pem"; }
  std::string key() const { return folder_.path() / "key.pem"; }

 private:
  ScratchFolder folder_;
};

/// As Client, which it takes over.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port);
  Client& below() { return client_; }

  void send(std::string_view bytes);
  std::string receive(std::size_t size);
  /// As receive(size) after sending in turns, so that neither side has to buffer it all.
  std::string exchange(std::string_view bytes);
  /// Says farewell, and still listens.
  void finish();
  /// Until the server's farewell; fails the test if it closes without one.
  std::string receive_all();

 private:
  Client client_;
  std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&::SSL_free)> connection_;
};

}  // namespace contend::test
