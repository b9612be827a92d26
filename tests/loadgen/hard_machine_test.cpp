// What the machine that loadgen runs on can do to it: no ports left, a clock that is set, an output
// that takes nothing. None of it may look like the server's doing, nor lose what was measured.
#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/host.hpp"
#include "core/report_json.hpp"

#include "tests/loadgen/loadgen_run.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/scripted_server.hpp"

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;
using support::ScriptedServer;

/// Carries a shell script out in a network namespace of its own, which `world` arranges.
Ran in_world(const std::string& world, const std::string& script) {
  const ScratchFolder folder = *ScratchFolder::make();
  const auto json = folder.path() / "report.json";
  const auto exit =
      run_sanitized({.argv = {"unshare", "-rn", "sh", "-c", world + " || exit 77; " + script, json},
                     .stdout_to = folder.path() / "output",
                     .stderr_to = folder.path() / "output"},
                    60s);
  Ran ran;
  if (!exit) return ran;
  ran.exit = *exit;
  ran.text = *read_file(folder.path() / "output");
  if (std::filesystem::exists(json)) ran.report = *load_report(json);
  return ran;
}

/// `exec` keeps the exit code; $0 is the report.
std::string load_of(const std::string& load) {
  return "exec " + find_program("loadgen")->string() + " " + load +
         " --timeout 30s --json \"$0\" --spawn '" + find_program("echo-server")->string() +
         " --port {port}'";
}

const std::string few_ports =
    "ip link set lo up && echo 40000 40099 > /proc/sys/net/ipv4/ip_local_port_range && "
    "echo 40050-40099 > /proc/sys/net/ipv4/ip_local_reserved_ports";

TEST(HardMachine, without_free_ports_the_run_is_invalid_and_not_the_servers_fault) {
  const Ran enough = in_world(few_ports, load_of("-c 50 -n 800"));
  if (enough.report.cases.empty()) GTEST_SKIP() << "no namespace with ports of its own";
  EXPECT_EQ(enough.exit.code, 0) << enough.text;
  const Ran ran = in_world(few_ports, load_of("-c 80 -n 800"));
  EXPECT_EQ(ran.exit.code, 3) << ran.text;
  EXPECT_EQ(ran.metric("errors_local_exhausted"), 30) << ran.text;
  EXPECT_EQ(ran.metric("errors_total"), 30) << ran.text;
  EXPECT_EQ(ran.metric("messages_answered"), 500) << ran.text;
  EXPECT_NE(ran.only().reason.find("ran out of ports, descriptors or memory for 30 connections"),
            std::string::npos)
      << ran.text;
}

/// Each message that is due is a write of its own, and the kernel keeps more beside each than it
/// has bytes.
TEST(HardMachine, buffers_as_small_as_between_two_machines_hold_what_counts_as_sent) {
  const std::string small_buffers =
      "ip link set lo up mtu 1500 && echo reno > /proc/sys/net/ipv4/tcp_congestion_control";
  for (const std::string load : {"-p 256 -s 16", "-p 64 -s 256", "-p 18 -s 64", "-p 4 -s 4096"}) {
    const Ran ran = in_world(small_buffers, load_of("-c 2 -d 700ms -R 400000 " + load));
    if (ran.report.cases.empty()) GTEST_SKIP() << "no namespace with buffers of its own";
    EXPECT_GT(ran.metric("messages_answered"), 0) << ran.text;
    EXPECT_EQ(ran.metric("errors_total"), 0) << ran.text;
  }
}

TEST(HardMachine, a_clock_that_is_set_changes_no_latency) {
  if (std::string(this_sanitizer()) != "none") GTEST_SKIP() << "a sanitizer must be loaded first";
  const ScratchFolder folder = *ScratchFolder::make();
  const auto json = folder.path() / "report.json";
  const std::vector<std::pair<std::string, std::string>> jumping{
      {"LD_PRELOAD", CONTEND_CLOCK_JUMP}};
  const auto date =
      run({.argv = {"date", "+%s"}, .env = jumping, .stdout_to = folder.path() / "date"}, 30s);
  ASSERT_TRUE(date && date->ok());
  EXPECT_GT(std::abs(std::stoll(read_file(folder.path() / "date").value()) - std::time(nullptr)),
            80'000)
      << "the clock does jump";
  ScriptedServer server(support::echo);
  const auto exit =
      run({.argv = {find_program("loadgen")->string(), "-c", "4", "-d", "1s", "-R", "200",
                    "--drain", "20s", "--json", json.string(), server.target()},
           .env = jumping,
           .stdout_to = folder.path() / "output",
           .stderr_to = folder.path() / "output"},
          60s);
  ASSERT_TRUE(exit);
  const Ran ran{*exit, *read_file(folder.path() / "output"), *load_report(json)};
  EXPECT_EQ(ran.metric("errors_total"), 0) << ran.text;
  EXPECT_GT(ran.metric("messages_answered"), 100) << ran.text;
  EXPECT_GE(ran.only().elapsed_ns, 1'000'000'000);
  for (const char* name : {"intended_max_ns", "service_max_ns", "lag_max_ns", "longest_wait_ns"}) {
    EXPECT_GE(ran.metric(name), 0) << name << ran.text;
    EXPECT_LT(ran.metric(name), 60e9) << name << ran.text;
  }
  EXPECT_LT(ran.only().elapsed_ns, 60'000'000'000);
}

/// Runs loadgen with its standard output redirected as a shell would.
Ran with_output(const std::string& redirection, const std::vector<std::string>& more,
                const ScriptedServer& server) {
  const ScratchFolder folder = *ScratchFolder::make();
  const auto json = folder.path() / "report.json";
  std::vector<std::string> words{find_program("loadgen")->string(), "-n", "100", "--json",
                                 json.string()};
  words.insert(words.end(), more.begin(), more.end());
  words.push_back(server.target());
  const auto exit =
      run_sanitized({.argv = {"sh", "-c", "exec " + quote_words(words) + " " + redirection},
                     .stdout_to = folder.path() / "output",
                     .stderr_to = folder.path() / "output"},
                    60s);
  Ran ran{*exit, *read_file(folder.path() / "output"), {}};
  if (std::filesystem::exists(json)) ran.report = *load_report(json);
  return ran;
}

TEST(HardMachine, an_output_that_is_closed_or_full_is_an_error_and_the_report_is_there) {
  ScriptedServer server(support::echo);
  for (const char* redirection : {">&-", "> /dev/full"}) {
    const Ran ran = with_output(redirection, {}, server);
    EXPECT_EQ(ran.exit.code, 3) << redirection << ran.text;
    EXPECT_NE(ran.text.find("writing to standard output"), std::string::npos) << ran.text;
    EXPECT_EQ(ran.metric("messages_answered"), 100) << redirection << ran.text;
  }
  // Nobody's descriptor may be taken for the streams: all three are missing here.
  const Ran none = with_output("<&- >&- 2>&-", {}, server);
  EXPECT_EQ(none.exit.code, 3);
  EXPECT_EQ(none.metric("messages_answered"), 100);
  EXPECT_EQ(none.metric("errors_total"), 0);
}

TEST(HardMachine, a_full_disk_for_one_file_does_not_take_the_others) {
  ScriptedServer server(support::echo);
  for (const char* flag : {"--hdr-log", "--json-stream"}) {
    const Ran ran = with_output("", {flag, "/dev/full"}, server);
    EXPECT_EQ(ran.exit.code, 3) << flag << ran.text;
    EXPECT_NE(ran.text.find("writing /dev/full"), std::string::npos) << flag << ran.text;
    EXPECT_EQ(ran.metric("messages_answered"), 100) << flag << ran.text;
  }
}

TEST(HardMachine, every_file_is_tried_before_the_run) {
  ScriptedServer server(support::echo);
  for (const char* flag : {"--hdr-log", "--json-stream"}) {
    const Ran ran = with_output("", {flag, "/no/such/folder/file"}, server);
    EXPECT_EQ(ran.exit.code, 3) << flag << ran.text;
    EXPECT_EQ(server.accepted(), 0) << flag << ran.text;
  }
}

}  // namespace
}  // namespace contend::loadgen
