#include "tls_client.hpp"

#include <algorithm>
#include <csignal>

#include <gtest/gtest.h>

#include "core/process.hpp"

namespace contend::test {

Certificate::Certificate(const std::string& kind) : folder_(ScratchFolder::make().value()) {
  std::vector<std::string> words{"openssl", "req",     "-x509", "-newkey",      kind,
                                 "-nodes",  "-keyout", key(),   "-out",         path(),
                                 "-days",   "2",       "-subj", "/CN=localhost"};
  if (kind == "ec") words.insert(words.end(), {"-pkeyopt", "ec_paramgen_curve:prime256v1"});
  const auto ran = run(
      {.argv = words, .stdout_to = folder_.path() / "said", .stderr_to = folder_.path() / "said"},
      std::chrono::seconds(60));
  EXPECT_TRUE(!ran || ran->ok());
}

bool Certificate::made() const {
  return exists(std::filesystem::path(path())) && exists(std::filesystem::path(key()));
}

TlsClient::TlsClient(std::uint16_t port)
    : client_(port),
      context_(::SSL_CTX_new(::TLS_client_method()), &::SSL_CTX_free),
      connection_(::SSL_new(context_.get()), &::SSL_free) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes with write(2)
  ::SSL_set_fd(connection_.get(), client_.descriptor());
  EXPECT_EQ(::SSL_connect(connection_.get()), 1);
}

void TlsClient::send(std::string_view bytes) {
  EXPECT_EQ(::SSL_write(connection_.get(), bytes.data(), static_cast<int>(bytes.size())),
            static_cast<int>(bytes.size()));
}

std::string TlsClient::receive(std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t got = 0;
  while (got < size) {
    const int now = ::SSL_read(connection_.get(), bytes.data() + got, static_cast<int>(size - got));
    if (now <= 0) break;
    got += static_cast<std::size_t>(now);
  }
  bytes.resize(got);
  return bytes;
}

std::string TlsClient::exchange(std::string_view bytes) {
  std::string answer;
  for (std::size_t at = 0; at < bytes.size(); at += 40'000) {
    const std::string_view piece = bytes.substr(at, 40'000);
    send(piece);
    answer += receive(piece.size());
  }
  return answer;
}

void TlsClient::finish() {
  EXPECT_EQ(::SSL_shutdown(connection_.get()), 0);
}

std::string TlsClient::receive_all() {
  std::string bytes;
  for (std::string more = receive(1); !more.empty(); more = receive(1)) bytes += more;
  EXPECT_NE(::SSL_get_shutdown(connection_.get()) & SSL_RECEIVED_SHUTDOWN, 0);
  return bytes;
}

}  // namespace contend::test
