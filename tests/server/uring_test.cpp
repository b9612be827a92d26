// Model uring: a program of its own behind the same flag. Skipped, visibly, where io_uring is
// forbidden or not built, and under ThreadSanitizer, which cannot see what the kernel orders.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/host.hpp"

#include "client.hpp"
#include "running_server.hpp"
#include "server_program.hpp"

namespace contend::test {
namespace {

class Uring : public testing::Test {
 protected:
  void SetUp() override {
    if (!find_program("echo-server-uring"))
      GTEST_SKIP() << "not built: a sanitizer, or no liburing";
    const ServerProgram probe({"--model", "uring"});
    if (probe.port() != 0) return;
    EXPECT_THAT(probe.complaint(), testing::HasSubstr("starting model uring: "));
    GTEST_SKIP() << probe.complaint();
  }
};

TEST_F(Uring, echoes_every_byte_to_a_hundred_clients) {
  ServerProgram server({"--model", "uring"});
  std::vector<Client> clients;
  for (int i = 0; i < 100; ++i) clients.emplace_back(server.port());
  for (std::uint64_t i = 0; i < clients.size(); ++i) clients[i].send(noise(1000, i));
  for (std::uint64_t i = 0; i < clients.size(); ++i) {
    EXPECT_TRUE(clients[i].receive(1000) == noise(1000, i)) << "client " << i;
  }
  const std::string large = noise(1 << 20, 1);
  EXPECT_TRUE(clients.front().exchange(large) == large);
  for (Client& client : clients) {
    client.finish();
    EXPECT_EQ(client.receive_all(), "");
  }
  EXPECT_EQ(server.stop().code, 0) << server.complaint();
  EXPECT_EQ(server.stats().at("model"), "uring");
  EXPECT_EQ(server.stats().at("connections_closed").at("client"), 100);
  EXPECT_EQ(server.stats().at("bytes_unaccounted"), 0);
}

TEST_F(Uring, survives_resets) {
  ServerProgram server({"--model", "uring"});
  for (int i = 0; i < 300; ++i) {
    Client client(server.port());
    EXPECT_EQ(client.exchange("a"), "a");
    client.send("unfinished");
    client.reset();
  }
  EXPECT_EQ(Client(server.port()).exchange("alive"), "alive");
  EXPECT_EQ(server.stop().code, 0) << server.complaint();
  EXPECT_EQ(server.stats().at("bytes_unaccounted"), 0);
}

TEST_F(Uring, drains_and_is_cut_at_its_deadline) {
  ServerProgram server({"--model", "uring", "--delay", "1h", "--drain", "300ms"});
  Client idle(server.port());
  Client stuck(server.port());
  stuck.send("x");
  ASSERT_TRUE(becomes_true([&] { return server.stats_now().at("bytes_in") == 1; }));
  ASSERT_TRUE(becomes_true([&] { return server.stats_now().at("connections_active") == 2; }));
  server.signal(SIGTERM);
  EXPECT_EQ(idle.receive_all(), "");
  EXPECT_EQ(server.wait().code, 1);
  EXPECT_EQ(server.stats().at("connections_closed").at("drained"), 1);
  EXPECT_EQ(server.stats().at("connections_closed").at("cut"), 1);
  EXPECT_EQ(server.stats().at("bytes_unaccounted"), 0);
}

TEST_F(Uring, ends_idle_connections) {
  ServerProgram server({"--model", "uring", "--idle-timeout", "100ms"});
  EXPECT_EQ(Client(server.port()).receive_all(), "");
  EXPECT_EQ(server.stop().code, 0);
  EXPECT_EQ(server.stats().at("connections_closed").at("idle"), 1);
}

}  // namespace
}  // namespace contend::test
