// A server that dies in mid-run and comes back, and a user who stops the run at any moment.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/report_json.hpp"

#include "loadgen/port.hpp"
#include "tests/loadgen/loadgen_run.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/scripted_server.hpp"

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using support::ScriptedServer;

double value_of(const Report& report, const std::string& name) {
  const Metric* found = find_metric(report.cases.at(0), name);
  return found != nullptr && found->value ? *found->value : -1;
}

void expect_conserved(const Report& report) {
  EXPECT_EQ(value_of(report, "messages_sent"), value_of(report, "messages_answered") +
                                                   value_of(report, "messages_failed") +
                                                   value_of(report, "messages_unfinished"));
}

/// A server of Python's on a fixed port; it is gone when this is.
Child start_server(int port) {
  const auto words =
      split_words(testing::stranger("broken_echo.py") + " none " + std::to_string(port));
  return *Child::start({.argv = *words});
}

/// Waits, not for ever.
template <class Condition>
bool comes_true(Condition condition) {
  const auto deadline = Clock::now() + 60s;
  while (!condition() && Clock::now() < deadline) std::this_thread::sleep_for(5ms);
  return condition();
}

TEST(HardTimes, a_server_that_dies_and_returns_leaves_a_gap_that_is_told) {
  if (!testing::is_installed("python3")) GTEST_SKIP() << "python3 is not installed";
  const auto port = static_cast<std::uint16_t>(testing::free_port());
  const ScratchFolder folder = *ScratchFolder::make();
  const auto json = folder.path() / "report.json";
  const auto stream = folder.path() / "stream";
  const auto seconds_told = [&stream] {
    const auto text = read_file(stream);
    return text ? std::ranges::count(*text, '\n') : 0;
  };
  std::optional<Child> server = start_server(port);
  ASSERT_TRUE(comes_true([port] { return is_listening(port); }));
  auto loadgen =
      Child::start({.argv = {find_program("loadgen")->string(), "-c", "4", "-d", "200s",
                             "--timeout", "60s", "--json", json.string(), "--json-stream",
                             stream.string(), "127.0.0.1:" + std::to_string(port)},
                    .stdout_to = folder.path() / "output",
                    .stderr_to = folder.path() / "output"});
  ASSERT_TRUE(loadgen);
  ASSERT_TRUE(comes_true([&] { return seconds_told() > 0; }));
  server.reset();
  std::this_thread::sleep_for(500ms);
  server = start_server(port);
  ASSERT_TRUE(comes_true([port] { return is_listening(port); }));
  const auto told = seconds_told();
  ASSERT_TRUE(comes_true([&] { return seconds_told() > told + 1; }));
  loadgen->signal(SIGINT);
  const auto exit = loadgen->wait_until(Clock::now() + 60s);
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 130);
  const Expected<Report> report = load_report(json);
  ASSERT_TRUE(report);
  EXPECT_GE(value_of(*report, "errors_closed") + value_of(*report, "errors_reset"), 4);
  EXPECT_GE(value_of(*report, "errors_connect_refused"), 1);
  EXPECT_GE(value_of(*report, "connections"), 8) << "each client had another one";
  EXPECT_GE(value_of(*report, "connections_replaced"), 4);
  const auto& series = report->cases.at(0).series;
  const auto rate = std::ranges::find(series, "throughput_per_second", &Series::name);
  ASSERT_NE(rate, series.end());
  EXPECT_GE(std::ranges::count_if(rate->points, [](const auto& point) { return point.value == 0; }),
            2)
      << "half a second without an answer";
  expect_conserved(*report);
}

TEST(HardTimes, a_second_ctrl_c_does_not_wait_for_the_answers_that_the_first_did) {
  std::atomic<bool> asked = false;
  ScriptedServer server([&asked](support::Peer& peer) {
    while (!peer.read().empty()) asked = true;  // and no answer
  });
  const ScratchFolder folder = *ScratchFolder::make();
  auto child = Child::start({.argv = {find_program("loadgen")->string(), "-c", "2", "-d", "500s",
                                      "--timeout", "500s", "--drain", "500s", server.target()},
                             .stdout_to = folder.path() / "output",
                             .stderr_to = folder.path() / "output"});
  ASSERT_TRUE(child);
  ASSERT_TRUE(comes_true([&asked] { return asked.load(); }));
  child->signal(SIGINT);
  EXPECT_FALSE(child->wait_until(Clock::now() + 1s)) << "it drains";
  child->signal(SIGINT);
  EXPECT_TRUE(child->wait_until(Clock::now() + 60s));
}

TEST(HardTimes, timeout_which_signals_twice_at_once_gets_its_report) {
  ScriptedServer server(support::echo);
  const ScratchFolder folder = *ScratchFolder::make();
  const auto json = folder.path() / "report.json";
  const auto exit = run({.argv = {"timeout", "5", find_program("loadgen")->string(), "-c", "2",
                                  "-d", "60s", "--json", json.string(), server.target()},
                         .stdout_to = folder.path() / "output",
                         .stderr_to = folder.path() / "output"},
                        60s);
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 124) << "it was timeout(1) that ended it";
  // Its signal to the group ends timeout(1) too, before loadgen.
  const auto whole = [&] { return load_report(json).has_value(); };
  ASSERT_TRUE(comes_true(whole)) << *read_file(folder.path() / "output");
  EXPECT_TRUE(load_report(json)->interrupted);
}

bool hears_ctrl_c(pid_t process) {
  const auto status = read_file(fmt::format("/proc/{}/status", process));
  const auto at = status ? status->find("SigCgt:") : std::string::npos;
  if (at == std::string::npos) return false;
  return (std::stoull(status->substr(at + 7), nullptr, 16) & (1U << (SIGINT - 1))) != 0;
}

/// `loadgen ARGS… --json FILE`, interrupted after a while.
Expected<Report> interrupted_report(std::vector<std::string> words) {
  const ScratchFolder folder = *ScratchFolder::make();
  const auto json = folder.path() / "report.json";
  words.insert(words.begin(), find_program("loadgen")->string());
  words.insert(words.end(), {"--json", json.string()});
  auto child = Child::start({.argv = words,
                             .stdout_to = folder.path() / "output",
                             .stderr_to = folder.path() / "output"});
  if (!child) return child.error();
  EXPECT_TRUE(comes_true([&child] { return hears_ctrl_c(child->pid()); }));
  EXPECT_FALSE(child->wait_until(Clock::now() + 1s));
  child->signal(SIGINT);
  const auto exit = child->wait_until(Clock::now() + 60s);
  EXPECT_TRUE(exit && exit->code == 130) << *read_file(folder.path() / "output");
  return load_report(json);
}

TEST(HardTimes, ctrl_c_before_the_server_is_ready_leaves_a_report_too) {
  const auto report = interrupted_report({"-n", "10", "--spawn", "sleep 100 {port}"});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->interrupted);
  EXPECT_EQ(find_metric(report->cases.at(0), "messages_sent")->value, 0);
}

TEST(HardTimes, ctrl_c_before_the_agreed_start_starts_nothing) {
  ScriptedServer server(support::echo);
  const auto in_an_hour = std::chrono::system_clock::now().time_since_epoch() + 1h;
  const std::string start =
      std::to_string(std::chrono::duration_cast<std::chrono::seconds>(in_an_hour).count());
  for (const std::vector<std::string>& rate : {std::vector<std::string>{}, {"-R", "100"}}) {
    std::vector<std::string> words{"-c", "2", "-t", "2", "--start-at", start, server.target()};
    words.insert(words.end(), rate.begin(), rate.end());
    const auto report = interrupted_report(words);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->interrupted);
    EXPECT_EQ(find_metric(report->cases.at(0), "messages_sent")->value, 0);
  }
}

TEST(HardTimes, ctrl_c_at_any_moment_leaves_a_whole_report) {
  ScriptedServer server(support::echo);
  for (int moment = 0; moment < 10; ++moment) {
    const ScratchFolder folder = *ScratchFolder::make();
    const auto json = folder.path() / "report.json";
    const int before = server.accepted();
    auto child = Child::start({.argv = {find_program("loadgen")->string(), "-c", "20", "-t", "2",
                                        "-d", "60s", "--json", json.string(), server.target()},
                               .stdout_to = folder.path() / "output",
                               .stderr_to = folder.path() / "output"});
    ASSERT_TRUE(child);
    const auto deadline = Clock::now() + 60s;
    while (server.accepted() <= before + 2 * moment && Clock::now() < deadline) {
      std::this_thread::yield();
    }
    std::this_thread::sleep_for(moment * 3ms);
    child->signal(SIGINT);
    const auto exit = child->wait_until(deadline);
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->code, 130) << *read_file(folder.path() / "output");
    const Expected<Report> report = load_report(json);
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->interrupted);
    expect_conserved(*report);
  }
}

}  // namespace
}  // namespace contend::loadgen
