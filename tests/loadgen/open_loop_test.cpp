// The real program with --rate and --assert, against a scripted server.
#include <gtest/gtest.h>

#include "core/process.hpp"

#include "loadgen/engine.hpp"
#include "tests/loadgen/loadgen_run.hpp"
#include "tests/support/scripted_server.hpp"

namespace contend::loadgen {
namespace {

using support::ScriptedServer;

TEST(OpenLoop, sends_what_the_schedule_plans) {
  ScriptedServer server(support::echo);
  for (const char* pacer : {"timer", "spin"}) {
    const Ran ran = run_loadgen({"-c", "4", "-t", "2", "-R", "2000", "-n", "501", "--arrival",
                                 "uniform", "--pacer", pacer, "--drain", "30s", server.target()});
    // A loaded machine may well make the generator late; then it says so.
    EXPECT_TRUE(ran.exit.code == 0 || ran.exit.code == 2) << ran.text;
    EXPECT_EQ(ran.metric("messages_planned"), 501);
    EXPECT_EQ(ran.metric("messages_answered"), 501);
    EXPECT_EQ(ran.report.cases[0].distributions.size(), 4U);
    EXPECT_EQ(find_metric(ran.only(), "lag_p90_ns")->why, std::nullopt);
    EXPECT_GE(ran.metric("intended_max_ns"), ran.metric("service_p50_ns"));
  }
}

TEST(OpenLoop, what_a_slow_server_leaves_unsent_is_in_the_tail) {
  ScriptedServer server([](support::Peer& peer) {
    peer.write(peer.read_exactly(64));
    while (!peer.read().empty()) continue;
  });
  const Ran ran =
      run_loadgen({"-c", "1", "-R", "1000", "-d", "1500ms", "--drain", "100ms", server.target()});
  EXPECT_EQ(ran.exit.code, 1) << ran.text;
  EXPECT_EQ(ran.metric("messages_sent"), 2);
  EXPECT_GT(ran.metric("messages_unsent"), 100);
  EXPECT_EQ(ran.metric("messages_planned"), 2 + ran.metric("messages_unsent"));
  EXPECT_GE(ran.metric("intended_max_ns"), 1500e6);
  EXPECT_GE(ran.metric("intended_p50_ns"), 750e6);
}

TEST(OpenLoop, a_warm_up_is_verified_but_not_timed) {
  ScriptedServer server(support::echo);
  const Ran ran = run_loadgen({"-c", "2", "-d", "400ms", "--warmup", "300ms", server.target()});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_LT(ran.only().distributions.at(0).count, ran.metric("messages_answered"));
}

TEST(Assert, decides_the_exit_code) {
  ScriptedServer server(support::echo);
  const auto code = [&](const char* assertion, const char* messages) {
    return run_loadgen({"-c", "2", "-n", messages, "--assert", "errors==0", "--assert", assertion,
                        server.target()})
        .exit.code;
  };
  EXPECT_EQ(code("p50<1h", "100"), 0);
  EXPECT_EQ(code("messages_answered>100", "100"), 1);
  EXPECT_EQ(code("p99.9<1h", "300"), 2) << "300 samples carry no p99.9";
  EXPECT_EQ(code("no_such_metric<1", "100"), 64);
  EXPECT_EQ(code("p50<soon", "100"), 64);
}

TEST(ClosedLoop, that_spins_says_how_much_of_its_core_it_worked) {
  for (const char* engine : {"asio", "uring"}) {
    if (std::string_view(engine) == "uring" && !choose_engine(Engine::uring, true)) continue;
    const auto share = [&](const char* messages, const char* depth, const std::string& server) {
      const Ran ran =
          run_loadgen({"--engine", engine, "-c", "2", "-n", messages, "-p", depth, "--pacer",
                       "spin", "--timeout", "30s", "--spawn",
                       find_program("echo-server")->string() + " --port {port}" + server});
      EXPECT_EQ(ran.exit.code, 0) << ran.text;
      EXPECT_EQ(std::to_string(static_cast<int>(ran.metric("messages_answered"))), messages);
      return ran.metric("generator_cpu_ratio");
    };
    const double waiting = share("40", "1", " --delay 20ms");
    EXPECT_LT(waiting, 0.5);
    EXPECT_GT(share("20000", "64", ""), waiting);
  }
}

TEST(OpenLoop, its_flags_need_a_rate) {
  EXPECT_EQ(run_loadgen({"--arrival", "poisson", "127.0.0.1:1"}).exit.code, 64);
  EXPECT_EQ(run_loadgen({"-R", "0", "127.0.0.1:1"}).exit.code, 64);
  EXPECT_EQ(run_loadgen({"-R", "101M", "127.0.0.1:1"}).exit.code, 64);
  EXPECT_EQ(run_loadgen({"-R", "100M", "127.0.0.1:1"}).exit.code, 3) << "nobody listens there";
  EXPECT_EQ(run_loadgen({"-d", "1s", "--warmup", "1s", "127.0.0.1:1"}).exit.code, 64);
}

}  // namespace
}  // namespace contend::loadgen
