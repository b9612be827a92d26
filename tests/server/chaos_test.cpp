// Our servers behind a bad network, and the bad network itself: what it does must be noticed.
#include "client.hpp"
#include "running_server.hpp"
#include "tests/support/chaos_proxy.hpp"

namespace contend::test {
namespace {

using Chaotic = EveryModel;

TEST_P(Chaotic, echo_survives_a_network_that_cuts_everything_to_pieces) {
  server::Server server = start(options());
  const Chaos pieces{.slice = 7, .slice_by_dice = true};
  ChaosProxy proxy(server.port(), pieces, pieces, 1);
  Client client(proxy.port());
  const std::string sent = noise(20'000, 1);
  EXPECT_TRUE(client.exchange(sent) == sent);
  client.finish();
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_EQ(closed_by(stop_and_balance(server), server::End::client), 1U);
}

TEST_P(Chaotic, echo_is_over_when_the_network_half_closes) {
  server::Server server = start(options());
  ChaosProxy proxy(server.port(), {.half_close_after = 1000}, {}, 1);
  Client client(proxy.port());
  const std::string sent = noise(3000, 1);
  client.send(sent);
  EXPECT_TRUE(client.receive_all() == sent.substr(0, 1000));
  client.close();
  EXPECT_EQ(stop_and_balance(server).bytes_out, 1000U);
}

TEST_P(Chaotic, echo_survives_a_network_that_resets) {
  server::Server server = start(options());
  {
    ChaosProxy proxy(server.port(), {.reset_after = 100}, {}, 1);
    for (int i = 0; i < 20; ++i) {
      Client client(proxy.port());
      client.send(noise(100, 1));
      client.receive_all();
    }
    ASSERT_TRUE(becomes_true([&] { return server.totals().active == 0; }));
  }
  Client direct(server.port());
  EXPECT_EQ(direct.exchange("still here"), "still here");
  direct.close();
  EXPECT_EQ(stop_and_balance(server).accepted, 21U);
}

TEST_P(Chaotic, echo_ends_a_connection_whose_network_went_silent) {
  server::Options impatient = options();
  impatient.idle_timeout = std::chrono::milliseconds(200);
  server::Server server = start(impatient);
  ChaosProxy proxy(server.port(), {.stall_after = 10}, {}, 1);
  Client client(proxy.port());
  client.send(noise(20, 1));
  ASSERT_TRUE(becomes_true([&] {
    server.end_idle();
    return closed_by(server.totals(), server::End::idle) == 1;
  }));
  EXPECT_TRUE(client.receive_all() == noise(20, 1).substr(0, 10));
  client.close();
  stop_and_balance(server);
}

TEST(ChaosProxy, corrupts_as_many_bytes_as_it_says) {
  server::Server server = start({});
  ChaosProxy proxy(server.port(), {}, {.corrupt = 0.01}, 3);
  Client client(proxy.port());
  const std::string sent = noise(20'000, 1);
  const std::string received = client.exchange(sent);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < sent.size(); ++i) wrong += sent[i] != received.at(i) ? 1 : 0;
  EXPECT_GT(wrong, 0U);
  EXPECT_EQ(wrong, proxy.corrupted());
}

TEST(ChaosProxy, drops_as_many_bytes_as_it_says) {
  server::Server server = start({});
  ChaosProxy proxy(server.port(), {.drop = 0.01}, {}, 3);
  Client client(proxy.port());
  client.send(noise(20'000, 1));
  client.finish();
  EXPECT_EQ(client.receive_all().size() + proxy.dropped(), 20'000U);
  EXPECT_GT(proxy.dropped(), 0U);
}

TEST(ChaosProxy, changes_nothing_when_told_nothing) {
  server::Server server = start({});
  ChaosProxy proxy(server.port(), {}, {}, 1);
  Client client(proxy.port());
  const std::string sent = noise(1 << 18, 1);
  EXPECT_TRUE(client.exchange(sent) == sent);
}

CONTEND_FOR_EVERY_MODEL(Chaotic);

}  // namespace
}  // namespace contend::test
