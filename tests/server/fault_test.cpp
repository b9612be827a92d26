// Planted faults, one by one: each does what its name says, is counted exactly, and is off by
// default.
#include <gmock/gmock.h>

#include "client.hpp"
#include "running_server.hpp"

namespace contend::test {
namespace {

constexpr std::size_t message = 64;
using Faulty = EveryModel;
using FaultyToSeveral = EveryConcurrentModel;

server::Options with_fault(server::Options options, const std::string& name, double rate = 1) {
  options.faults = {{name, rate}};
  return options;
}

TEST_P(Faulty, server_corrupts_exactly_as_many_messages_as_it_counts) {
  server::Server server = start(with_fault(options(), "corrupt", 0.2));
  Client client(server.port());
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < 500; ++i) {
    const std::string sent = noise(message, i);
    client.send(sent);
    wrong += client.receive(message) == sent ? 0 : 1;
  }
  client.close();
  stop_and_balance(server);
  EXPECT_GT(wrong, 50U);
  EXPECT_LT(wrong, 150U);
  EXPECT_EQ(server.service().faults()->injected(), wrong);
}

TEST_P(Faulty, server_truncates) {
  server::Server server = start(with_fault(options(), "truncate"));
  Client client(server.port());
  client.send("abcd");
  client.finish();
  EXPECT_EQ(client.receive_all(), "ab");
  client.close();
  EXPECT_EQ(stop_and_balance(server).bytes_owed, 2U);
}

TEST_P(Faulty, server_duplicates) {
  server::Server server = start(with_fault(options(), "duplicate"));
  Client client(server.port());
  client.send("abcd");
  client.finish();
  EXPECT_EQ(client.receive_all(), "abcdabcd");
  client.close();
  EXPECT_EQ(stop_and_balance(server).bytes_added, 4U);
}

TEST_P(FaultyToSeveral, server_duplicates_for_each_his_own_after_a_delay) {
  server::Options slow = with_fault(options(), "duplicate");
  slow.delay = std::chrono::milliseconds(100);
  server::Server server = start(slow);
  Client first(server.port());
  Client second(server.port());
  first.send("abcd");
  second.send("efg");
  EXPECT_EQ(first.receive(8), "abcdabcd");
  EXPECT_EQ(second.receive(6), "efgefg");
  first.close();
  second.close();
  EXPECT_EQ(stop_and_balance(server).bytes_added, 7U);
}

TEST_P(Faulty, server_reorders) {
  server::Server server = start(with_fault(options(), "reorder"));
  Client client(server.port());
  EXPECT_EQ(client.exchange("abcd"), "cdab");
  EXPECT_EQ(client.exchange("aaaa"), "aaaa");
  client.close();
  stop_and_balance(server);
  EXPECT_EQ(server.service().faults()->injected(), 1U) << "equal halves have no order";
}

TEST_P(Faulty, server_drops_and_stalls) {
  for (const std::string fault : {"drop", "stall"}) {
    server::Server server = start(with_fault(options(), fault));
    Client client(server.port());
    client.send("abcd");
    ASSERT_TRUE(becomes_true([&] { return server.totals().bytes_in == 4; }));
    client.send("efgh");
    client.finish();
    EXPECT_EQ(client.receive_all(), "") << fault;
    client.close();
    EXPECT_EQ(stop_and_balance(server).bytes_owed, 8U);
    EXPECT_EQ(server.service().faults()->injected(), fault == "drop" ? 2U : 1U);
  }
}

TEST_P(Faulty, server_resets) {
  server::Server server = start(with_fault(options(), "reset"));
  Client client(server.port());
  client.send("abcd");
  char byte = 0;
  EXPECT_EQ(::recv(client.descriptor(), &byte, 1, 0), -1);
  EXPECT_EQ(errno, ECONNRESET);
  EXPECT_EQ(closed_by(stop_and_balance(server), server::End::fault), 1U);
}

TEST_P(Faulty, server_leaks) {
  server::Server server = start(with_fault(options(), "leak"));
  Client client(server.port());
  EXPECT_EQ(client.exchange("abcd"), "abcd");
  client.close();
  stop_and_balance(server);
  EXPECT_EQ(server.service().faults()->injected(), 1U);
}

TEST_P(Faulty, server_is_slow) {
  server::Server server = start(with_fault(options(), "slow"));
  Client client(server.port());
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(client.exchange("abcd"), "abcd");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(100));
  client.close();
  stop_and_balance(server);
}

using ConcurrentFaulty = EveryConcurrentModel;

TEST_P(ConcurrentFaulty, server_mixes_up_connections) {
  server::Server server = start(with_fault(options(), "crosstalk"));
  Client first(server.port());
  Client second(server.port());
  EXPECT_EQ(first.exchange("first"), "first");
  EXPECT_EQ(first.exchange("again"), "again") << "its own words are no crosstalk";
  EXPECT_EQ(second.exchange("other"), "again");
  first.close();
  second.close();
  stop_and_balance(server);
  EXPECT_EQ(server.service().faults()->injected(), 1U);
}

TEST_P(ConcurrentFaulty, server_does_not_tell_a_client_that_came_back_its_own_words) {
  server::Server server = start(with_fault(options(), "crosstalk"));
  Client first(server.port());
  EXPECT_EQ(first.exchange("first"), "first");
  first.close();
  ASSERT_TRUE(becomes_true([&] { return server.totals().active == 0; }));
  Client again(server.port());
  EXPECT_EQ(again.exchange("again"), "again");
  again.close();
  stop_and_balance(server);
  EXPECT_EQ(server.service().faults()->injected(), 0U);
}

TEST(Faults, throw_the_same_dice_for_the_same_seed) {
  const auto strikes = [](std::uint64_t seed) {
    server::Faults faults({{"drop", 0.5}}, seed);
    server::FaultyConnection connection = faults.connection(1);
    std::string pattern;
    for (int i = 0; i < 64; ++i) {
      std::string bytes = "x";
      server::Answer answer{.bytes = bytes};
      faults.apply(answer, connection);
      pattern += answer.bytes.empty() ? '1' : '0';
    }
    return pattern;
  };
  EXPECT_EQ(strikes(1), strikes(1));
  EXPECT_NE(strikes(1), strikes(2));
}

TEST(Faults, all_have_a_name_and_a_finding) {
  std::vector<std::string_view> names;
  for (const server::Fault& fault : server::all_faults()) {
    names.push_back(fault.name);
    EXPECT_FALSE(fault.what.empty());
    EXPECT_FALSE(fault.finding.empty());
  }
  EXPECT_THAT(names, testing::ElementsAre("corrupt", "truncate", "duplicate", "reorder",
                                          "crosstalk", "drop", "stall", "reset", "leak", "slow"));
}

CONTEND_FOR_EVERY_MODEL(Faulty);
CONTEND_FOR_EVERY_CONCURRENT_MODEL(FaultyToSeveral);
CONTEND_FOR_EVERY_CONCURRENT_MODEL(ConcurrentFaulty);

}  // namespace
}  // namespace contend::test
