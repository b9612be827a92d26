// The real program against servers that damage a known number of answers: every one is found,
// named, and counted, and none is invented.
#include <atomic>
#include <mutex>
#include <optional>
#include <random>

#include <gtest/gtest.h>

#include "tests/loadgen/loadgen_run.hpp"
#include "tests/support/scripted_server.hpp"

namespace contend::loadgen {
namespace {

using support::Peer;
using support::ScriptedServer;

constexpr unsigned seed = 20261123;

/// An echo server for 64-byte messages that calls `damage` on some of them.
ScriptedServer::Script damaging(int one_in, std::function<void(Peer&, std::string)> damage,
                                std::atomic<int>& injected) {
  return [=, &injected](Peer& peer) {
    std::mt19937 random(seed + static_cast<unsigned>(peer.number()));
    for (std::string message = peer.read_exactly(64); message.size() == 64;
         message = peer.read_exactly(64)) {
      if (random() % static_cast<unsigned>(one_in) != 0) {
        peer.write(message);
        continue;
      }
      ++injected;
      damage(peer, message);
    }
  };
}

Ran drive(const ScriptedServer& server, const char* depth) {
  return run_loadgen({"-c", "10", "-n", "10000", "-p", depth, "--timeout", "2s", server.target()});
}

TEST(InjectedFault, flipped_bits_are_counted_exactly) {
  std::atomic<int> injected = 0;
  std::atomic<int> place = 0;
  ScriptedServer server(damaging(
      100,
      [&](Peer& peer, std::string message) {
        char& byte = message[static_cast<std::size_t>(place++) % 64];
        byte = static_cast<char>(byte ^ (1 << place % 7));
        peer.write(message);
      },
      injected));
  const Ran ran = drive(server, "1");
  EXPECT_EQ(ran.exit.code, 1);
  ASSERT_GT(injected, 50);
  EXPECT_EQ(ran.metric("errors_corrupt"), injected);
  EXPECT_EQ(ran.metric("errors_total"), injected);
  EXPECT_EQ(ran.metric("messages_answered"), 10'000 - injected);
  EXPECT_EQ(ran.metric("connections_replaced"), 0);
}

TEST(InjectedFault, the_twin_without_damage_is_clean) {
  std::atomic<int> injected = 0;
  ScriptedServer server(damaging(
      100, [](Peer& peer, const std::string& message) { peer.write(message); }, injected));
  const Ran ran = drive(server, "1");
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_GT(injected, 50);
}

TEST(InjectedFault, doubled_answers_are_named) {
  std::atomic<int> injected = 0;
  ScriptedServer server(damaging(
      500, [](Peer& peer, const std::string& message) { peer.write(message + message); },
      injected));
  const Ran ran = drive(server, "1");
  EXPECT_EQ(ran.exit.code, 1);
  EXPECT_GT(ran.metric("errors_duplicated"), 0);
  EXPECT_EQ(ran.metric("errors_total"), ran.metric("errors_duplicated"));
}

TEST(InjectedFault, cut_answers_are_named_at_any_depth) {
  for (const char* depth : {"1", "8"}) {
    std::atomic<int> injected = 0;
    ScriptedServer server(damaging(
        2000, [](Peer& peer, const std::string& message) { peer.write(message.substr(0, 40)); },
        injected));
    const Ran ran = drive(server, depth);
    EXPECT_EQ(ran.exit.code, 1);
    EXPECT_GT(ran.metric("errors_truncated"), 0) << ran.text;
    EXPECT_EQ(ran.metric("errors_total"), ran.metric("errors_truncated")) << ran.text;
  }
}

TEST(InjectedFault, swapped_answers_are_named) {
  ScriptedServer server([](Peer& peer) {
    for (std::string two = peer.read_exactly(128); two.size() == 128;
         two = peer.read_exactly(128)) {
      peer.write(two.substr(64) + two.substr(0, 64));
    }
  });
  const Ran ran =
      run_loadgen({"-c", "2", "-n", "400", "-p", "4", "--timeout", "2s", server.target()});
  EXPECT_EQ(ran.exit.code, 1);
  EXPECT_GT(ran.metric("errors_reordered"), 0) << ran.text;
}

TEST(InjectedFault, answers_to_somebody_else_are_named_with_the_client) {
  std::mutex mutex;
  std::optional<std::string> kept;
  ScriptedServer server([&](Peer& peer) {
    for (std::string message = peer.read_exactly(64); message.size() == 64;
         message = peer.read_exactly(64)) {
      const std::lock_guard lock(mutex);
      peer.write(kept ? std::exchange(kept, std::nullopt).value() : message);
      if (message.substr(8, 8) == "00000010") kept = message;
    }
  });
  const Ran ran = run_loadgen({"-c", "4", "-n", "400", "--timeout", "2s", server.target()});
  EXPECT_EQ(ran.exit.code, 1);
  EXPECT_GT(ran.metric("errors_foreign") + ran.metric("errors_duplicated"), 0) << ran.text;
}

}  // namespace
}  // namespace contend::loadgen
