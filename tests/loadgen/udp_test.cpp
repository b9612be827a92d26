// The real program over UDP: against our own server, and against servers that we did not write.
// Where no datagram may get lost a client has one on its way at a time, and all of them together
// fit into any socket's buffer.
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "core/file.hpp"

#include "tests/loadgen/loadgen_run.hpp"
#include "tests/support/programs.hpp"

namespace contend::loadgen {
namespace {

constexpr const char* here = "udp://127.0.0.1:{port}";

std::string our_server(const std::string& rest) {
  return find_program("echo-server")->string() + " --udp --port {port} " + rest;
}

std::string python_server(const std::string& rest) {
  return testing::stranger("udp_echo.py") + " {port} " + rest;
}

class UdpModel : public ::testing::TestWithParam<const char*> {};

TEST_P(UdpModel, gets_every_datagram_back) {
  const Ran ran = run_loadgen({"-c", "8", "-n", "2000", "-s", "1..2000", "--timeout", "30s",
                               "--spawn", our_server(std::string("--model ") + GetParam()), here});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_EQ(ran.metric("messages_answered"), 2000) << ran.text;
  EXPECT_EQ(ran.metric("clients_served"), 8) << ran.text;
  EXPECT_EQ(ran.metric("bytes_sent"), ran.metric("bytes_verified")) << ran.text;
}

INSTANTIATE_TEST_SUITE_P(Models, UdpModel, ::testing::Values("sequential", "coroutine", "sharded"));

TEST(Udp, carries_as_much_as_a_datagram_can_and_no_more) {
  const Ran most = run_loadgen(
      {"-c", "1", "-n", "50", "-s", "65507", "--timeout", "30s", "--spawn", our_server(""), here});
  EXPECT_EQ(most.exit.code, 0) << most.text;
  EXPECT_EQ(most.metric("bytes_verified"), 50 * 65507) << most.text;
  const Ran more = run_loadgen({"-s", "65508", "udp://127.0.0.1:9"});
  EXPECT_EQ(more.exit.code, 64) << more.text;
  EXPECT_NE(more.text.find("--size: 65508"), std::string::npos) << more.text;
}

TEST(Udp, an_open_loop_measures_from_the_due_time) {
  const Ran ran = run_loadgen({"-c", "4", "-n", "400", "-R", "400", "--timeout", "30s", "--drain",
                               "30s", "--spawn", our_server(""), here});
  EXPECT_EQ(ran.metric("messages_answered"), 400) << ran.text;
  EXPECT_EQ(ran.metric("errors_total"), 0) << ran.text;
  EXPECT_GE(ran.metric("intended_p50_ns"), ran.metric("service_p50_ns")) << ran.text;
  EXPECT_GT(ran.metric("lag_p50_ns"), 0) << ran.text;
}

TEST(Udp, python_and_socat_answer_too) {
  if (!testing::is_installed("python3")) GTEST_SKIP() << "python3 is not installed";
  std::vector<std::pair<std::string, const char*>> servers{{python_server(""), "2"}};
  if (testing::is_installed("socat")) {
    // To one client: it drops what comes while it is about to fork.
    servers.emplace_back("socat UDP4-RECVFROM:{port},bind=127.0.0.1,fork PIPE", "1");
  }
  for (const auto& [server, clients] : servers) {
    const Ran ran =
        run_loadgen({"-c", clients, "-n", "60", "--timeout", "30s", "--spawn", server, here});
    EXPECT_EQ(ran.exit.code, 0) << server << ran.text;
    EXPECT_EQ(ran.metric("messages_answered"), 60) << server << ran.text;
  }
}

/// 100 messages of each of two clients, one on its way at a time, to the server that treats every
/// tenth datagram in some way.
Ran drive(const std::string& way, const std::string& timeout = "30s") {
  return run_loadgen(
      {"-c", "2", "-n", "200", "--timeout", timeout, "--spawn", python_server(way + " 10"), here});
}

TEST(Udp, lost_datagrams_are_counted_exactly) {
  if (!testing::is_installed("python3")) GTEST_SKIP() << "python3 is not installed";
  const Ran ran = drive("drop", "1s");
  EXPECT_EQ(ran.exit.code, 1) << ran.text;
  // A machine that stops for a second makes more of them lost, and then late.
  EXPECT_EQ(ran.metric("errors_lost") - ran.metric("datagrams_late"), 20) << ran.text;
  EXPECT_EQ(ran.metric("errors_total"), ran.metric("errors_lost")) << ran.text;
  EXPECT_EQ(ran.metric("messages_answered") + ran.metric("messages_failed"), 200) << ran.text;
  EXPECT_NE(ran.text.find("loadgen.lost: a datagram, or the answer to it"), std::string::npos)
      << ran.text;
}

TEST(Udp, longer_answers_are_counted_exactly) {
  if (!testing::is_installed("python3")) GTEST_SKIP() << "python3 is not installed";
  const Ran ran = drive("swell");
  EXPECT_EQ(ran.exit.code, 1) << ran.text;
  EXPECT_EQ(ran.metric("errors_surplus"), 20) << ran.text;
  EXPECT_EQ(ran.metric("errors_total"), 20) << ran.text;
}

TEST(Udp, second_answers_are_named) {
  if (!testing::is_installed("python3")) GTEST_SKIP() << "python3 is not installed";
  const Ran ran = drive("twice");
  EXPECT_EQ(ran.exit.code, 1) << ran.text;
  EXPECT_EQ(ran.metric("messages_answered"), 200) << ran.text;
  // The second answer to a client's last message may come when it has gone.
  EXPECT_GE(ran.metric("errors_duplicated"), 18) << ran.text;
  EXPECT_LE(ran.metric("errors_duplicated"), 20) << ran.text;
  EXPECT_EQ(ran.metric("errors_total"), ran.metric("errors_duplicated")) << ran.text;
}

TEST(Udp, answers_in_another_order_are_counted_and_no_failure) {
  if (!testing::is_installed("python3")) GTEST_SKIP() << "python3 is not installed";
  // The fourth of each four is held back until the next one comes, so the last must not be one.
  const Ran ran = run_loadgen({"-c", "1", "-n", "201", "-p", "4", "--timeout", "30s", "--spawn",
                               python_server("swap 4"), here});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_EQ(ran.metric("messages_answered"), 201) << ran.text;
  EXPECT_EQ(ran.metric("datagrams_reordered"), 50) << ran.text;
}

/// Which error a fault of echo-server shows as.
struct Planted {
  const char* fault;
  const char* metric;
};

class UdpFault : public ::testing::TestWithParam<Planted> {};

TEST_P(UdpFault, of_our_server_is_named_and_counted_exactly) {
  const ScratchFolder folder = *ScratchFolder::make();
  const auto stats = folder.path() / "stats";
  const Planted planted = GetParam();
  const Ran ran = run_loadgen(
      {"-c", "4", "-n", "4000", "--timeout", "30s", "--spawn",
       our_server(std::string("--fault ") + planted.fault + ":0.02 --stats " + stats.string()),
       here});
  const auto injected =
      boost::json::parse(read_file(stats).value()).at("faults_injected").to_number<int>();
  EXPECT_EQ(ran.exit.code, 1) << ran.text;
  EXPECT_GT(injected, 20) << ran.text;
  EXPECT_EQ(ran.metric(planted.metric), injected) << ran.text;
  EXPECT_EQ(ran.metric("errors_total"), injected) << ran.text;
}

INSTANTIATE_TEST_SUITE_P(Faults, UdpFault,
                         ::testing::Values(Planted{"corrupt", "errors_corrupt"},
                                           Planted{"truncate", "errors_truncated"},
                                           Planted{"reorder", "errors_reordered"}),
                         [](const auto& it) { return std::string(it.param.fault); });

TEST(Udp, nobody_there_is_an_error_of_the_world) {
  const std::string port = std::to_string(testing::free_port());
  const Ran ran = run_loadgen({"-c", "2", "-n", "10", "udp://127.0.0.1:" + port});
  EXPECT_EQ(ran.exit.code, 3) << ran.text;
  EXPECT_NE(ran.only().reason.find("connecting to udp://127.0.0.1:" + port), std::string::npos)
      << ran.text;
}

TEST(Udp, a_name_with_a_deaf_address_reaches_the_other) {
  // localhost is ::1 first on many machines, and the server is on 127.0.0.1 only.
  const Ran ran = run_loadgen({"-c", "3", "-n", "30", "--timeout", "30s", "--spawn", our_server(""),
                               "udp://localhost:{port}"});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_EQ(ran.metric("messages_answered"), 30) << ran.text;
}

TEST(Udp, what_cannot_be_said_in_datagrams_is_refused) {
  const std::vector<std::vector<std::string>> all_bad{{"--script", "redis"},
                                                      {"--mix", "normal=1,idle=1"}};
  for (const auto& bad : all_bad) {
    std::vector<std::string> all = bad;
    all.push_back("udp://127.0.0.1:9");
    const Ran ran = run_loadgen(all);
    EXPECT_EQ(ran.exit.code, 64) << ran.text;
    EXPECT_NE(ran.text.find(bad[0]), std::string::npos) << ran.text;
  }
}

}  // namespace
}  // namespace contend::loadgen
