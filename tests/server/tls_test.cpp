// TLS in every model: the same echo, and the same promises about half-close, drain, idle clients
// and surplus ones as without it.
#include <gmock/gmock.h>

#include "running_server.hpp"
#include "server_program.hpp"
#include "tls_client.hpp"

namespace contend::test {
namespace {

using namespace std::chrono_literals;

class Tls : public EveryModel {
 protected:
  void SetUp() override {
    if (!certificate.made()) GTEST_SKIP() << "the openssl command is not installed";
  }
  server::Options options() const {
    server::Options options = EveryModel::options();
    options.tls_cert = certificate.path();
    options.tls_key = certificate.key();
    return options;
  }

  const Certificate certificate;
};

TEST_P(Tls, returns_every_byte_in_order) {
  server::Server server = start(options());
  TlsClient client(server.port());
  for (const std::size_t size : {1UL, 63UL, 16384UL, 16385UL, 1UL << 20}) {
    const std::string sent = noise(size, size);
    EXPECT_TRUE(client.exchange(sent) == sent) << size << " bytes";
  }
  client.finish();
  EXPECT_EQ(client.receive_all(), "");
  ASSERT_TRUE(becomes_true([&] { return server.totals().active == 0; }));
  const server::Totals totals = stop_and_balance(server);
  EXPECT_EQ(closed_by(totals, server::End::client), 1U);
  EXPECT_EQ(totals.bytes_in, 1U + 63 + 16384 + 16385 + (1 << 20));
}

TEST_P(Tls, answers_to_the_last_byte_after_a_farewell_however_small_the_reads) {
  server::Options small = options();
  small.chunk = 100;
  server::Server server = start(small);
  TlsClient client(server.port());
  const std::string sent = noise(60'000, 1);
  client.send(sent);
  client.finish();
  EXPECT_TRUE(client.receive_all() == sent);
  ASSERT_TRUE(becomes_true([&] { return server.totals().active == 0; }));
  EXPECT_EQ(closed_by(stop_and_balance(server), server::End::client), 1U);
}

TEST_P(Tls, finishes_what_has_arrived_when_it_drains) {
  server::Options slow = options();
  slow.delay = 200ms;
  slow.chunk = 4;
  server::Server server = start(slow);
  TlsClient client(server.port());
  client.send("in flight");
  // Of one record a part has been read: the rest is held by TLS, not by the socket.
  ASSERT_TRUE(becomes_true([&] { return server.totals().bytes_in == 4; }));
  server.begin_drain();
  EXPECT_EQ(client.receive_all(), "in flight");
  EXPECT_EQ(closed_by(stop_and_balance(server), server::End::drained), 1U);
}

TEST_P(Tls, ends_who_connects_and_never_speaks) {
  server::Options impatient = options();
  impatient.idle_timeout = 100ms;
  server::Server server = start(impatient);
  Client silent(server.port());
  ASSERT_TRUE(becomes_true([&] {
    server.end_idle();
    return closed_by(server.totals(), server::End::idle) == 1;
  }));
  EXPECT_EQ(silent.receive_all(), "");
  stop_and_balance(server);
}

TEST_P(Tls, refuses_who_does_not_speak_it_and_serves_the_next) {
  server::Options one = options();
  one.max_connections = 1;
  server::Server server = start(one);
  {
    Client plain(server.port());
    plain.send("GET / HTTP/1.1\r\n\r\n");
    plain.receive_all();
  }
  ASSERT_TRUE(becomes_true([&] { return closed_by(server.totals(), server::End::tls) == 1; }));
  TlsClient client(server.port());
  EXPECT_EQ(client.exchange("alive"), "alive");
  client.below().close();
  // Gone without a farewell: to an echo that is an end like any other.
  EXPECT_TRUE(becomes_true([&] { return closed_by(server.totals(), server::End::client) == 1; }));
  stop_and_balance(server);
}

TEST_P(Tls, survives_resets) {
  server::Server server = start(options());
  for (int i = 0; i < 20; ++i) {
    TlsClient client(server.port());
    client.send("unfinished");
    client.below().reset();
  }
  TlsClient client(server.port());
  EXPECT_EQ(client.exchange("alive"), "alive");
  client.below().close();
  stop_and_balance(server);
}

struct BadFiles {
  std::string certificate, key, sentence;
};

TEST(TlsProgram, names_the_file_that_is_wrong) {
  const Certificate good, other;
  const Certificate of_another_kind("rsa:2048");
  if (!good.made()) GTEST_SKIP() << "the openssl command is not installed";
  const std::vector<BadFiles> cases{
      {"/no/such/cert.pem", good.key(), "--tls-cert: reading /no/such/cert.pem: No such file"},
      {good.key(), good.key(), "--tls-cert " + good.key() + ": this is no certificate"},
      {good.path(), good.path(), "--tls-key " + good.path() + ": this is no unencrypted key"},
      {good.path(), other.key(), "--tls-key " + other.key() + ": this is no unencrypted key of"},
      {good.path(), of_another_kind.key(),
       "--tls-key " + of_another_kind.key() + ": this is no unencrypted key of"},
  };
  for (const BadFiles& bad : cases) {
    const ScratchFolder folder = ScratchFolder::make().value();
    EXPECT_EQ(run_server({"--tls-cert", bad.certificate, "--tls-key", bad.key}, folder).code, 3);
    const std::string said = read_file(folder.path() / "stderr").value();
    EXPECT_EQ(std::ranges::count(said, '\n'), 1) << said;
    EXPECT_THAT(said, testing::HasSubstr(bad.sentence));
  }
  const ScratchFolder folder = ScratchFolder::make().value();
  EXPECT_EQ(run_server({"--tls-cert", good.path()}, folder).code, 64);
}

CONTEND_FOR_EVERY_MODEL(Tls);

}  // namespace
}  // namespace contend::test
