#include "loadgen/mix.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "core/process.hpp"

#include "tests/loadgen/loadgen_run.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/scripted_server.hpp"

namespace contend::loadgen {
namespace {

using support::Peer;
using support::ScriptedServer;

TEST(Mix, is_divided_by_weight_and_nobody_is_left_out) {
  const auto mix = parse_mix("idle=2,normal=90,slow-reader=4,big=1");
  ASSERT_TRUE(mix);
  EXPECT_EQ(*divide(97, *mix), (std::vector<std::uint32_t>{2, 90, 4, 1}));
  EXPECT_EQ(*divide(10, *mix), (std::vector<std::uint32_t>{1, 7, 1, 1}));
  EXPECT_EQ(*divide(1000, *mix), (std::vector<std::uint32_t>{20, 929, 41, 10}));
  EXPECT_FALSE(divide(3, *mix));
}

TEST(Mix, that_makes_no_sense_is_refused) {
  for (const char* bad : {"", "normal", "normal=0", "normal=x", "idle=1", "normal=1,normal=2",
                          "normal=1,angry=2", "normal=1,"}) {
    EXPECT_FALSE(parse_mix(bad)) << bad;
  }
}

constexpr const char* all_kinds =
    "normal=4,slow-reader=1,dribble=1,fragments=1,half-close=1,reset=1,idle=1,churn=1,storm=1,big="
    "1";

void expect_all_took_part(const Ran& ran) {
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_EQ(ran.metric("errors_total"), 0) << ran.text;
  EXPECT_EQ(ran.metric("clients_served"), 4) << ran.text;
  for (const char* kind : {"slow_reader", "dribble", "fragments", "half_close", "churn"}) {
    EXPECT_GT(ran.metric(kind + std::string("_messages_answered")), 0) << kind << ran.text;
    EXPECT_EQ(ran.metric(kind + std::string("_errors_total")), 0) << kind << ran.text;
  }
  EXPECT_GT(ran.metric("big_messages_sent"), 0) << ran.text;
  EXPECT_EQ(ran.metric("big_errors_total"), 0) << ran.text;
  EXPECT_EQ(ran.metric("idle_messages_sent"), 0) << ran.text;
  EXPECT_EQ(ran.metric("idle_connections"), 1) << ran.text;
  EXPECT_EQ(ran.metric("reset_messages_answered"), 0) << ran.text;
  for (const char* kind : {"half_close", "reset", "churn", "storm"}) {
    EXPECT_GT(ran.metric(kind + std::string("_connections")), 1) << kind << ran.text;
  }
}

TEST(Mix, bad_clients_of_every_kind_get_right_bytes_and_leave_the_good_ones_alone) {
  ScriptedServer server(support::echo);
  const Ran ran = run_loadgen(
      {"-c", "13", "-t", "2", "-d", "3s", "--timeout", "30s", "--mix", all_kinds, server.target()});
  expect_all_took_part(ran);
  EXPECT_NE(ran.only().id.find("/c13"), std::string::npos) << ran.only().id;
  EXPECT_NE(ran.only().reason.find("beside 9 bad clients p99 was"), std::string::npos) << ran.text;
  EXPECT_GT(ran.metric("alone_p50_ns"), 0) << ran.text;
  EXPECT_GT(ran.metric("beside_p50_ns"), 0) << ran.text;
}

class MixModel : public ::testing::TestWithParam<const char*> {};

TEST_P(MixModel, of_our_server_holds_out_against_every_kind) {
  const std::string server =
      find_program("echo-server")->string() + " --port {port} --model " + GetParam();
  const Ran ran = run_loadgen(
      {"-c", "13", "-d", "3s", "--timeout", "30s", "--mix", all_kinds, "--spawn", server});
  expect_all_took_part(ran);
}

INSTANTIATE_TEST_SUITE_P(Models, MixModel,
                         ::testing::Values("thread", "coroutine", "pool", "sharded"));

TEST(Mix, an_asyncio_server_holds_out_too) {
  if (!testing::is_installed("python3")) GTEST_SKIP() << "python3 is not installed";
  const Ran ran = run_loadgen({"-c", "6", "-d", "1s", "--timeout", "30s", "--mix",
                               "normal=2,reset=1,storm=1,idle=1,fragments=1", "--spawn",
                               testing::stranger("asyncio_echo.py") + " {port}"});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_GT(ran.metric("storm_connections"), 1) << ran.text;
  EXPECT_GT(ran.metric("fragments_messages_answered"), 0) << ran.text;
}

TEST(Mix, churn_says_how_many_messages_a_connection_lasts) {
  ScriptedServer server(support::echo);
  const Ran ran = run_loadgen(
      {"-c", "3", "-d", "600ms", "--mix", "normal=1,churn=1", "--churn", "5", server.target()});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  const double connections = ran.metric("churn_connections");
  EXPECT_GE(ran.metric("churn_messages_answered"), 5 * (connections - 1)) << ran.text;
  EXPECT_LE(ran.metric("churn_messages_answered"), 5 * connections) << ran.text;
}

TEST(Mix, a_wrong_byte_to_a_bad_client_is_a_failure_too) {
  // Spoils the large messages only, which are the slow reader's.
  ScriptedServer server([](Peer& peer) {
    for (std::string bytes = peer.read(); !bytes.empty(); bytes = peer.read()) {
      if (bytes.size() > 1000) bytes[bytes.size() / 2] ^= 1;
      peer.write(bytes);
    }
  });
  const Ran ran = run_loadgen({"-c", "3", "-d", "600ms", "--timeout", "30s", "--mix",
                               "normal=2,slow-reader=1", server.target()});
  EXPECT_EQ(ran.exit.code, 1) << ran.text;
  EXPECT_EQ(ran.metric("errors_total"), 0) << "of the good clients" << ran.text;
  EXPECT_GT(ran.metric("slow_reader_errors_total"), 0) << ran.text;
  EXPECT_NE(ran.only().reason.find("to slow-reader clients"), std::string::npos) << ran.text;
}

TEST(Mix, that_hurts_good_clients_shows_in_their_latency) {
  // Once a bad client has come, everybody's answer takes 2 ms longer: short enough for many such
  // answers, so that the few between its coming and the server's noticing are no half of them.
  std::atomic<bool> hurt = false;
  ScriptedServer server([&hurt](Peer& peer) {
    for (std::string bytes = peer.read(); !bytes.empty(); bytes = peer.read()) {
      if (bytes.size() > 1000) hurt = true;
      if (hurt) std::this_thread::sleep_for(std::chrono::milliseconds(2));
      peer.write(bytes);
    }
  });
  const Ran ran = run_loadgen({"-c", "3", "-d", "3s", "--timeout", "30s", "--mix",
                               "normal=2,slow-reader=1", server.target()});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_GE(ran.metric("beside_p50_ns"), 2e6) << ran.text;
  EXPECT_LT(ran.metric("alone_p50_ns"), ran.metric("beside_p50_ns")) << ran.text;
}

TEST(Mix, bad_usage_names_flag_and_value) {
  const std::vector<std::vector<std::string>> bad{{"--mix", "normal=1,angry=1"},
                                                  {"--mix", "normal=1,idle=1", "-c", "1"},
                                                  {"--mix", "normal=1,idle=1", "--script", "redis"},
                                                  {"--churn", "4"}};
  for (const auto& arguments : bad) {
    std::vector<std::string> all = arguments;
    all.push_back("127.0.0.1:1");
    const Ran ran = run_loadgen(all);
    EXPECT_EQ(ran.exit.code, 64) << ran.text;
    EXPECT_NE(ran.text.find(arguments[0]), std::string::npos) << ran.text;
  }
}

}  // namespace
}  // namespace contend::loadgen
