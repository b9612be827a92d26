// --workers: the same plan by several processes, and what becomes of it when one of them dies.
#include <csignal>
#include <fstream>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

#include "core/confidence.hpp"
#include "core/file.hpp"
#include "core/histogram_codec.hpp"
#include "core/report_json.hpp"

#include "tests/loadgen/loadgen_run.hpp"
#include "tests/loadgen/recording_server.hpp"

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;
using support::ScriptedServer;

TEST(Workers, send_the_plan_of_one_process_byte_for_byte) {
  for (const std::vector<std::string>& load : {std::vector<std::string>{"-n", "1003", "-p", "4"},
                                               {"-n", "503", "-R", "2000", "--drain", "30s"}}) {
    RecordingServer server;
    std::vector<std::string> arguments{"-c", "10", "-s", "20..200", "--seed", "7"};
    arguments.insert(arguments.end(), load.begin(), load.end());
    arguments.push_back(server.target());
    const Ran alone = run_loadgen(arguments);
    const auto sent_alone = server.take();
    arguments.insert(arguments.end(), {"--workers", "3", "--assert", "errors==0"});
    const Ran ran = run_loadgen(arguments);
    // A loaded machine may well make the generator late; then it says so.
    EXPECT_TRUE(ran.exit.code == 0 || ran.exit.code == 2) << ran.text;
    EXPECT_EQ(server.take(), sent_alone);
    for (const char* name : {"messages_planned", "messages_answered", "bytes_verified"}) {
      EXPECT_EQ(ran.metric(name), alone.metric(name)) << name;
    }
    EXPECT_GT(ran.metric("rank2_messages_sent"), 0);
    EXPECT_GE(ran.metric("start_spread_ns"), 0);
    EXPECT_EQ(ran.only().id, alone.only().id);
  }
}

TEST(Workers, say_how_sure_their_quantiles_are_as_one_process_does) {
  ScriptedServer server(support::echo);
  for (const char* workers : {"1", "2"}) {
    const Ran ran = run_loadgen(
        {"-c", "4", "-n", "10000", "--warmup", "0", "--workers", workers, server.target()});
    EXPECT_TRUE(ran.exit.code == 0 || ran.exit.code == 2) << ran.text;
    const Case& whole = ran.only();
    const auto& intended = whole.distributions.at(0);
    EXPECT_EQ(intended.name, counted_over_time);
    EXPECT_EQ(intended.count, 10'000);
    for (const Metric& each : confidence_metrics(*from_distribution(intended), whole.series)) {
      const Metric* reported = find_metric(whole, each.name);
      ASSERT_NE(reported, nullptr) << each.name;
      EXPECT_EQ(reported->value, each.value) << each.name;
      EXPECT_EQ(reported->why, each.why) << each.name;
    }
    // However the answers came together, so many carry the interval of the median.
    EXPECT_GT(ran.metric("intended_p50_low_ns"), 0);
    EXPECT_LE(ran.metric("intended_p50_low_ns"), ran.metric("intended_p50_ns"));
    EXPECT_GE(ran.metric("intended_p50_high_ns"), ran.metric("intended_p50_ns"));
    EXPECT_GT(ran.metric("effective_samples"), 0);
    EXPECT_LE(ran.metric("effective_samples"), 10'000);
    const bool sure = find_metric(whole, "intended_p99_low_ns")->value.has_value() &&
                      find_metric(whole, "intended_p99_high_ns")->value.has_value();
    EXPECT_EQ(ran.text.find(" effective samples\n") != std::string::npos, sure) << ran.text;
  }
}

TEST(Workers, leave_a_warm_up_out_as_one_process_does) {
  ScriptedServer server(support::echo);
  const Ran told = run_loadgen(
      {"-c", "4", "-d", "300ms", "--workers", "2", "--warmup", "200ms", server.target()});
  EXPECT_EQ(told.metric("warmup_cut_ns"), 200e6) << told.text;
  const Ran found = run_loadgen({"-c", "4", "-d", "1s", "--workers", "2", server.target()});
  const double cut = found.metric("warmup_cut_ns");
  EXPECT_LE(cut, 100e6) << found.text;
  const auto counted = static_cast<double>(found.only().distributions.at(0).count);
  const bool fewer = counted < found.metric("messages_answered");
  EXPECT_EQ(fewer, cut > 0) << found.text;
  EXPECT_NE(find_metric(found.only(), "stationary"), nullptr);
}

TEST(Workers, show_the_figures_of_all_of_them_while_they_run) {
  ScriptedServer server(support::echo);
  const ScratchFolder folder = *ScratchFolder::make();
  const auto stream = folder.path() / "stream";
  const Ran ran = run_loadgen({"-c", "6", "-d", "1500ms", "--workers", "3", "--json-stream",
                               stream.string(), server.target()});
  EXPECT_TRUE(ran.exit.code == 0 || ran.exit.code == 2) << ran.text;
  EXPECT_EQ(sum_of_stream(*read_file(stream), "answered"), ran.metric("messages_answered"));
}

/// Children of a process, as the kernel lists them.
std::vector<pid_t> children_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children");
  std::vector<pid_t> all;
  for (pid_t child = 0; file >> child;) all.push_back(child);
  return all;
}

/// A run of a minute with three workers; `strike` gets their ids once all of them are at work.
Ran struck_run(ScriptedServer& server,
               const std::function<void(const std::vector<pid_t>&)>& strike) {
  const ScratchFolder folder = *ScratchFolder::make();
  const auto json = folder.path() / "report.json";
  const auto output = folder.path() / "output";
  Child child = *Child::start({.argv = {find_program("loadgen")->string(), "-c", "6", "-d", "60s",
                                        "--workers", "3", "--json", json, server.target()},
                               .stdout_to = output,
                               .stderr_to = output});
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (server.accepted() < 6 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(10ms);
  }
  strike(children_of(child.pid()));
  Ran ran;
  ran.exit = child.wait_until(deadline).value_or(Exit{.timed_out = true});
  ran.text = *read_file(output);
  if (std::filesystem::exists(json)) ran.report = *load_report(json);
  return ran;
}

bool gone(pid_t pid) {
  return ::kill(pid, 0) != 0;
}

TEST(Workers, that_die_end_the_run_and_are_named_and_the_others_report) {
  ScriptedServer server(support::echo);
  std::vector<pid_t> workers;
  const Ran ran = struck_run(server, [&](const std::vector<pid_t>& children) {
    workers = children;
    ASSERT_EQ(children.size(), 3U);
    ::kill(children[1], SIGKILL);
  });
  EXPECT_EQ(ran.exit.code, 3) << ran.text;
  EXPECT_NE(ran.only().reason.find("was ended by signal 9 (Killed)"), std::string::npos)
      << ran.only().reason;
  EXPECT_NE(ran.only().reason.find("the other 2 ranks had"), std::string::npos);
  EXPECT_GT(ran.metric("messages_answered"), 0);
  for (const pid_t pid : workers) EXPECT_TRUE(gone(pid));
}

TEST(Workers, report_when_interrupted_and_leave_nothing_running) {
  ScriptedServer server(support::echo);
  std::vector<pid_t> workers;
  const Ran ran = struck_run(server, [&](const std::vector<pid_t>& children) {
    workers = children;
    ASSERT_EQ(children.size(), 3U);
    const std::string status = *read_file("/proc/" + std::to_string(children[0]) + "/status");
    const std::size_t at = status.find("PPid:");
    ::kill(std::atoi(status.c_str() + at + 5), SIGINT);
  });
  EXPECT_EQ(ran.exit.code, 130) << ran.text;
  EXPECT_TRUE(ran.report.interrupted);
  EXPECT_GT(ran.metric("messages_answered"), 0);
  for (const pid_t pid : workers) EXPECT_TRUE(gone(pid));
}

TEST(Workers, that_cannot_reach_the_target_say_so) {
  const Ran ran = run_loadgen({"-c", "4", "-n", "8", "--workers", "2", "127.0.0.1:1"});
  EXPECT_EQ(ran.exit.code, 3) << ran.text;
  EXPECT_NE(ran.only().reason.find("connecting to 127.0.0.1:1"), std::string::npos);
}

TEST(Workers, refuse_what_they_cannot_do) {
  EXPECT_EQ(run_loadgen({"--workers", "20", "127.0.0.1:1"}).exit.code, 64);
  EXPECT_EQ(run_loadgen({"--workers", "2", "--shard", "0/2", "127.0.0.1:1"}).exit.code, 64);
}

}  // namespace
}  // namespace contend::loadgen
