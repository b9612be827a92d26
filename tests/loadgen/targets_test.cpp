// Several servers in one run: clients are spread over them, and each is accounted for.
#include <gtest/gtest.h>

#include "tests/loadgen/loadgen_run.hpp"
#include "tests/support/scripted_server.hpp"

namespace contend::loadgen {
namespace {

using support::Peer;
using support::ScriptedServer;

TEST(Targets, share_the_clients_evenly_and_are_accounted_for_apart) {
  ScriptedServer first(support::echo);
  ScriptedServer second(support::echo);
  const Ran ran = run_loadgen({"-c", "6", "-t", "2", "-n", "600", first.target(), second.target()});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_EQ(ran.metric("messages_answered"), 600);
  for (const std::string target : {"target0_", "target1_"}) {
    EXPECT_EQ(ran.metric(target + "connections"), 3);
    EXPECT_EQ(ran.metric(target + "messages_answered"), 300);
    EXPECT_EQ(ran.metric(target + "errors_total"), 0);
  }
  EXPECT_GT(ran.metric("target1_service_p50_ns"), 0);
  EXPECT_EQ(first.accepted(), 3);
}

TEST(Targets, that_break_are_told_from_those_that_do_not) {
  ScriptedServer good(support::echo);
  ScriptedServer bad([](Peer& peer) {
    std::string message = peer.read_exactly(64);
    message[20] = '\x07';
    peer.write(message);
    echo(peer);
  });
  const Ran ran = run_loadgen({"-c", "4", "-n", "400", good.target(), bad.target()});
  EXPECT_EQ(ran.exit.code, 1) << ran.text;
  EXPECT_EQ(ran.metric("target0_errors_total"), 0);
  EXPECT_EQ(ran.metric("target1_errors_total"), 2);
  EXPECT_EQ(ran.metric("errors_corrupt"), 2);
}

TEST(Targets, nobody_listens_on_are_named) {
  ScriptedServer good(support::echo);
  const Ran ran = run_loadgen({"-c", "4", "-n", "40", good.target(), "127.0.0.1:1"});
  EXPECT_EQ(ran.exit.code, 3) << ran.text;
  EXPECT_NE(ran.only().reason.find("connecting to 127.0.0.1:1"), std::string::npos) << ran.text;
}

TEST(Targets, that_no_client_would_talk_to_are_refused) {
  ScriptedServer good(support::echo);
  EXPECT_EQ(run_loadgen({"-c", "1", "-n", "20", good.target(), "127.0.0.1:1"}).exit.code, 64);
  EXPECT_EQ(run_loadgen({"-c", "4", "-n", "1", good.target(), "127.0.0.1:1"}).exit.code, 64);
}

TEST(Targets, are_not_accounted_for_apart_when_there_is_one) {
  ScriptedServer server(support::echo);
  const Ran ran = run_loadgen({"-c", "2", "-n", "20", server.target()});
  EXPECT_EQ(find_metric(ran.only(), "target0_connections"), nullptr);
}

}  // namespace
}  // namespace contend::loadgen
