// The real program against servers that fail on purpose, and in a world that refuses: each gets the
// documented exit code, one clear sentence, and a report with what was measured until then.
#include <algorithm>
#include <csignal>
#include <thread>

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/report_json.hpp"

#include "tests/loadgen/loadgen_run.hpp"
#include "tests/support/scripted_server.hpp"

namespace contend::loadgen {
namespace {

using Clock = std::chrono::steady_clock;
using support::Peer;
using support::ScriptedServer;

void expect_conserved(const Ran& ran) {
  EXPECT_EQ(ran.metric("messages_planned"),
            ran.metric("messages_sent") + ran.metric("messages_unsent"));
  EXPECT_EQ(ran.metric("messages_sent"), ran.metric("messages_answered") +
                                             ran.metric("messages_failed") +
                                             ran.metric("messages_unfinished"));
}

TEST(Loadgen, verifies_an_echo_server) {
  ScriptedServer server(support::echo);
  const Ran ran = run_loadgen({"-c", "20", "-n", "2000", "--seed", "1", server.target()});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_EQ(ran.only().verdict, Verdict::passed);
  EXPECT_EQ(ran.metric("messages_answered"), 2000);
  EXPECT_EQ(ran.metric("bytes_verified"), 2000 * 64);
  EXPECT_EQ(ran.metric("clients_served"), 20);
  EXPECT_EQ(ran.metric("errors_total"), 0);
  expect_conserved(ran);
}

TEST(Loadgen, verifies_depth_sizes_and_threads) {
  ScriptedServer server(support::echo);
  for (const char* sizes : {"1", "17", "1..9000", "64:9,300k:1"}) {
    const Ran ran =
        run_loadgen({"-c", "6", "-t", "2", "-p", "16", "-n", "600", "-s", sizes, server.target()});
    EXPECT_EQ(ran.exit.code, 0) << sizes << ran.text;
    EXPECT_EQ(ran.metric("bytes_sent"), ran.metric("bytes_verified"));
  }
}

TEST(Loadgen, a_message_larger_than_all_buffers_comes_back) {
  ScriptedServer server(support::echo);
  const Ran ran = run_loadgen({"-c", "2", "-n", "4", "-s", "30M", server.target()});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_EQ(ran.metric("bytes_verified"), 4.0 * 30 * 1024 * 1024);
}

TEST(Loadgen, runs_for_a_duration) {
  ScriptedServer server(support::echo);
  const Ran ran = run_loadgen({"-c", "4", "-d", "300ms", "--payload", "binary", server.target()});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_GE(ran.only().elapsed_ns, 300'000'000);
  EXPECT_GT(ran.metric("messages_answered"), 4);
  expect_conserved(ran);
}

TEST(Loadgen, a_target_nobody_listens_on_is_unreachable) {
  const Ran ran = run_loadgen({"-c", "3", "127.0.0.1:1"});
  EXPECT_EQ(ran.exit.code, 3);
  EXPECT_EQ(ran.only().verdict, Verdict::errored);
  EXPECT_NE(ran.text.find("connecting to 127.0.0.1:1: Connection refused"), std::string::npos)
      << ran.text;
}

TEST(Loadgen, a_name_that_does_not_exist_is_one_sentence) {
  const Ran ran = run_loadgen({"no-such-host.invalid:80"});
  EXPECT_EQ(ran.exit.code, 3);
  EXPECT_EQ(ran.text.find("loadgen: looking up no-such-host.invalid"), 0U) << ran.text;
}

TEST(Loadgen, a_public_address_needs_permission) {
  for (const char* target : {"8.8.8.8:80", "[2001:db8::1]:80"}) {
    const Ran ran = run_loadgen({target});
    EXPECT_EQ(ran.exit.code, 64);
    EXPECT_NE(ran.text.find("--allow-remote"), std::string::npos) << ran.text;
  }
}

TEST(Loadgen, a_server_that_closes_mid_message_is_seen) {
  ScriptedServer server([](Peer& peer) {
    peer.write(peer.read_exactly(64));
    peer.write(peer.read_exactly(64).substr(0, 10));
  });
  const Ran ran = run_loadgen({"-c", "1", "-n", "4", "--seed", "1", server.target()});
  EXPECT_EQ(ran.exit.code, 1);
  EXPECT_EQ(ran.metric("errors_closed"), 2) << "once for each connection";
  EXPECT_EQ(ran.metric("messages_answered"), 2);
  ASSERT_EQ(ran.only().findings.size(), 1U);
  EXPECT_EQ(ran.only().findings[0].rule, "loadgen.closed");
  EXPECT_NE(ran.only().findings[0].message.find("10 of the message's 64 bytes"), std::string::npos)
      << ran.only().findings[0].message;
  expect_conserved(ran);
}

TEST(Loadgen, a_wrong_byte_is_located) {
  ScriptedServer server([](Peer& peer) {
    for (int number = 0;; ++number) {
      std::string message = peer.read_exactly(64);
      if (message.empty()) return;
      if (number == 3) message[20] = '\x07';
      peer.write(message);
    }
  });
  const Ran ran = run_loadgen({"-c", "1", "-n", "10", server.target()});
  EXPECT_EQ(ran.exit.code, 1);
  EXPECT_EQ(ran.metric("errors_corrupt"), 1);
  EXPECT_EQ(ran.metric("messages_answered"), 9);
  ASSERT_EQ(ran.only().findings.size(), 1U);
  const std::string& said = ran.only().findings[0].message;
  EXPECT_NE(said.find("message 3, byte 212"), std::string::npos) << said;
  EXPECT_NE(said.find("got 07"), std::string::npos) << said;
}

TEST(Loadgen, a_server_that_never_answers_starves_every_client) {
  ScriptedServer server([](Peer& peer) {
    while (!peer.read().empty()) continue;
  });
  const Ran ran = run_loadgen({"-c", "3", "-n", "30", "--timeout", "300ms", server.target()});
  EXPECT_EQ(ran.exit.code, 1);
  EXPECT_EQ(ran.metric("errors_starved"), 3);
  EXPECT_EQ(ran.metric("clients_starved"), 3);
  EXPECT_GE(ran.metric("longest_wait_ns"), 300e6);
  EXPECT_EQ(ran.metric("messages_unsent"), 27);
  expect_conserved(ran);
}

TEST(Loadgen, a_server_that_answers_for_ever_fills_no_memory) {
  ScriptedServer quiet(support::echo);
  const Ran normal = run_loadgen({"-c", "2", "-n", "20", quiet.target()});
  // Right answers, and then half a gigabyte that nobody asked for.
  ScriptedServer server([](Peer& peer) {
    const std::string more(65536, '#');
    peer.write(peer.read_exactly(64));
    for (int i = 0; i < 8192; ++i) peer.write(more);
  });
  const Ran ran = run_loadgen({"-c", "2", "-n", "20", "--timeout", "2s", server.target()});
  EXPECT_EQ(ran.exit.code, 1) << ran.text;
  EXPECT_GT(ran.metric("errors_total"), 0) << ran.text;
  EXPECT_LT(ran.exit.peak_rss_bytes, normal.exit.peak_rss_bytes + 100'000'000) << ran.text;
  expect_conserved(ran);
}

TEST(Loadgen, tells_who_was_served_by_a_sequential_server) {
  ScriptedServer server(support::echo, ScriptedServer::Serves::one_at_a_time);
  const Ran ran = run_loadgen({"-c", "4", "-n", "400", server.target()});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_EQ(ran.metric("clients_served"), 4);
  EXPECT_NE(ran.only().reason.find("all 4 clients were served"), std::string::npos)
      << ran.only().reason;
}

TEST(Loadgen, tells_who_starved_at_a_sequential_server) {
  ScriptedServer server(support::echo, ScriptedServer::Serves::one_at_a_time);
  const Ran ran = run_loadgen({"-c", "4", "-d", "1s", "--timeout", "400ms", server.target()});
  EXPECT_EQ(ran.exit.code, 1);
  EXPECT_EQ(ran.metric("clients_served"), 1);
  EXPECT_EQ(ran.metric("errors_starved"), 3);
  EXPECT_NE(ran.only().reason.find("1 of 4 clients was served; 3 starved"), std::string::npos)
      << ran.only().reason;
}

Ran run_writing_to(const std::string& json, const ScriptedServer& server) {
  const ScratchFolder folder = *ScratchFolder::make();
  const auto output = folder.path() / "output";
  const auto program = find_program("loadgen")->string();
  const Expected<Exit> exit =
      run_sanitized({.argv = {program, "-n", "10", "--json", json, server.target()},
                     .stdout_to = output,
                     .stderr_to = output},
                    std::chrono::seconds(30));
  return {.exit = *exit, .text = *read_file(output)};
}

TEST(Loadgen, checks_the_report_path_before_the_run) {
  ScriptedServer server(support::echo);
  const Ran ran = run_writing_to("/no/such/folder/r.json", server);
  EXPECT_EQ(ran.exit.code, 3);
  EXPECT_NE(ran.text.find("writing /no/such/folder/r.json"), std::string::npos) << ran.text;
  EXPECT_EQ(server.accepted(), 0);
}

TEST(Loadgen, a_full_disk_is_an_error_after_the_summary) {
  ScriptedServer server(support::echo);
  const Ran ran = run_writing_to("/dev/full", server);
  EXPECT_EQ(ran.exit.code, 3);
  EXPECT_NE(ran.text.find("PASSED"), std::string::npos) << ran.text;
  EXPECT_NE(ran.text.find("writing /dev/full: No space left on device"), std::string::npos)
      << ran.text;
}

TEST(Loadgen, too_few_descriptors_are_refused_with_the_number) {
  const Ran ran = run_loadgen({"-c", "900000", "127.0.0.1:1"});
  EXPECT_EQ(ran.exit.code, 3);
  EXPECT_NE(ran.text.find("900064 descriptors"), std::string::npos) << ran.text;
}

TEST(Loadgen, bad_usage_names_flag_and_value) {
  const std::vector<std::vector<std::string>> bad{
      {"-c", "0"},           {"-c", "ten"},        {"-n", "0"},
      {"-d", "0s"},          {"-s", "0"},          {"--timeout", "-1"},
      {"--payload", "json"}, {"--verify", "some"}, {"--seed", "soon"},
      {"-p", "0"},           {"-t", "0"}};
  for (const auto& arguments : bad) {
    std::vector<std::string> all = arguments;
    all.push_back("127.0.0.1:1");
    const Ran ran = run_loadgen(all);
    EXPECT_EQ(ran.exit.code, 64) << arguments[0];
    EXPECT_NE(ran.text.find("\"" + arguments[1] + "\""), std::string::npos) << ran.text;
    EXPECT_EQ(std::ranges::count(ran.text, '\n'), 1) << ran.text;
  }
  EXPECT_EQ(run_loadgen({}).exit.code, 64);
  EXPECT_EQ(run_loadgen({"--no-such-flag", "127.0.0.1:1"}).exit.code, 64);
  EXPECT_EQ(run_loadgen({"nonsense"}).exit.code, 64);
}

TEST(Loadgen, ctrl_c_drains_and_reports) {
  ScriptedServer server(support::echo);
  const ScratchFolder folder = *ScratchFolder::make();
  const auto json = folder.path() / "report.json";
  auto child = Child::start({.argv = {find_program("loadgen")->string(), "-d", "60s", "--json",
                                      json.string(), server.target()},
                             .stdout_to = folder.path() / "output",
                             .stderr_to = folder.path() / "output"});
  ASSERT_TRUE(child);
  while (server.accepted() < 10) std::this_thread::yield();
  child->signal(SIGINT);
  const auto exit = child->wait_until(Clock::now() + std::chrono::seconds(30));
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 130);
  const Expected<Report> report = load_report(json);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->interrupted);
  EXPECT_EQ(find_metric(report->cases.at(0), "errors_total")->value, 0);
}

}  // namespace
}  // namespace contend::loadgen
