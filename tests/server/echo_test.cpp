// What an echo server is: the same bytes, in order, to the last one, to everybody.
#include <future>

#include "client.hpp"
#include "running_server.hpp"

namespace contend::test {
namespace {

using Echo = EveryModel;
using ConcurrentEcho = EveryConcurrentModel;

TEST_P(Echo, returns_every_byte_in_order) {
  server::Server server = start(options());
  Client client(server.port());
  for (const std::size_t size : {1UL, 2UL, 63UL, 4096UL, 65536UL, 1UL << 20}) {
    const std::string sent = noise(size, size);
    EXPECT_TRUE(client.exchange(sent) == sent) << size << " bytes";
  }
  client.close();
  const server::Totals totals = stop_and_balance(server);
  EXPECT_EQ(totals.accepted, 1U);
  EXPECT_EQ(totals.bytes_in, totals.bytes_out);
  EXPECT_EQ(totals.bytes_in, 1U + 2 + 63 + 4096 + 65536 + (1 << 20));
}

TEST_P(Echo, speaks_ipv6) {
  server::Options ipv6 = options();
  ipv6.host = "::1";
  Expected<server::Server> server = server::Server::start(ipv6);
  if (!server) GTEST_SKIP() << server.error().message;
  EXPECT_EQ(server->address(), "[::1]:" + std::to_string(server->port()));
  Client client = Client::of_ipv6(server->port());
  const std::string sent = noise(100'000, 1);
  EXPECT_TRUE(client.exchange(sent) == sent);
  client.close();
  stop_and_balance(*server);
}

TEST_P(Echo, does_not_mind_how_small_its_reads_are) {
  server::Options small = options();
  small.chunk = 3;
  server::Server server = start(small);
  Client client(server.port());
  const std::string sent = noise(1000, 1);
  EXPECT_TRUE(client.exchange(sent) == sent);
  client.close();
  stop_and_balance(server);
}

TEST_P(Echo, answers_to_the_last_byte_after_a_half_close) {
  server::Server server = start(options());
  Client client(server.port());
  const std::string sent = noise(1 << 20, 7);
  auto answer = std::async(std::launch::async, [&] { return client.receive_all(); });
  client.send(sent);
  client.finish();
  EXPECT_TRUE(answer.get() == sent);
  client.close();
  const server::Totals totals = stop_and_balance(server);
  EXPECT_EQ(closed_by(totals, server::End::client), 1U);
}

TEST_P(Echo, serves_one_client_after_another) {
  server::Server server = start(options());
  for (std::uint64_t i = 0; i < 50; ++i) {
    Client client(server.port());
    const std::string sent = noise(100, i);
    EXPECT_TRUE(client.exchange(sent) == sent);
  }
  EXPECT_EQ(stop_and_balance(server).accepted, 50U);
}

TEST_P(Echo, ends_the_connection_on_a_blank_line_if_told_to) {
  server::Options blank = options();
  blank.close_on_blank = true;
  blank.chunk = 2;
  server::Server server = start(blank);
  Client client(server.port());
  client.send("one\r\ntwo\n\n");
  EXPECT_EQ(client.receive_all(), "one\r\ntwo\n");
  client.close();
  EXPECT_EQ(closed_by(stop_and_balance(server), server::End::blank), 1U);
}

TEST_P(Echo, takes_a_blank_line_for_bytes_if_not_told) {
  server::Server server = start(options());
  Client client(server.port());
  client.send("one\n\n\n");
  client.finish();
  EXPECT_EQ(client.receive_all(), "one\n\n\n");
  client.close();
  stop_and_balance(server);
}

TEST_P(ConcurrentEcho, serves_a_hundred_clients_at_once) {
  server::Server server = start(options());
  std::vector<Client> clients;
  for (int i = 0; i < 100; ++i) clients.emplace_back(server.port());
  for (std::uint64_t round = 0; round < 10; ++round) {
    for (std::uint64_t i = 0; i < clients.size(); ++i) clients[i].send(noise(64, i * 1000 + round));
    for (std::uint64_t i = 0; i < clients.size(); ++i) {
      EXPECT_TRUE(clients[i].receive(64) == noise(64, i * 1000 + round)) << "client " << i;
    }
  }
  clients.clear();
  const server::Totals totals = stop_and_balance(server);
  EXPECT_EQ(totals.accepted, 100U);
  EXPECT_EQ(totals.most_active, 100U);
  EXPECT_EQ(totals.bytes_out, 100U * 10 * 64);
}

// The bound is a ratio: one after the other, thirty clients would take thirty delays.
TEST_P(ConcurrentEcho, sleeps_for_all_its_clients_at_the_same_time) {
  server::Options slow = options();
  slow.delay = std::chrono::milliseconds(200);
  server::Server server = start(slow);
  std::vector<Client> clients;
  const auto begin = std::chrono::steady_clock::now();
  const std::string said = noise(30, 1);
  for (const char word : said) clients.emplace_back(server.port()).send({&word, 1});
  for (std::size_t i = 0; i < said.size(); ++i) EXPECT_EQ(clients[i].receive(1)[0], said[i]);
  const auto elapsed = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(elapsed, slow.delay);
  EXPECT_LT(elapsed, slow.delay * 15);
  clients.clear();
  stop_and_balance(server);
}

TEST(Sequential, keeps_its_second_client_waiting_until_the_first_has_left) {
  server::Options options;
  options.model = "sequential";
  server::Server server = start(options);
  Client first(server.port());
  EXPECT_EQ(first.exchange("a"), "a");
  Client second(server.port());
  second.send("b");
  EXPECT_EQ(first.exchange("c"), "c");
  EXPECT_EQ(server.totals().accepted, 1U);
  first.close();
  EXPECT_EQ(second.receive(1), "b");
  EXPECT_EQ(server.totals().accepted, 2U);
  second.close();
  stop_and_balance(server);
}

CONTEND_FOR_EVERY_MODEL(Echo);
CONTEND_FOR_EVERY_CONCURRENT_MODEL(ConcurrentEcho);

}  // namespace
}  // namespace contend::test
