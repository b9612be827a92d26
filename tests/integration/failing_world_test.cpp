// Bad input and a failing world: each gets one clear sentence, the documented exit code, and a
// report with what was measured until then.
#include <algorithm>
#include <sys/statvfs.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/support/programs.hpp"

namespace contend::testing {
namespace {

using namespace std::chrono_literals;

/// One line on stderr that names the flag and what is wrong with it.
void expect_usage_error(const std::vector<std::string>& words, const std::string& flag,
                        const std::string& value) {
  const Ran ran = run_program(words);
  EXPECT_EQ(ran.exit.code, 64) << ran.said();
  EXPECT_EQ(ran.out, "") << ran.said();
  EXPECT_EQ(std::ranges::count(ran.err, '\n'), 1) << ran.said();
  EXPECT_NE(ran.err.find(flag), std::string::npos) << ran.said();
  EXPECT_NE(ran.err.find(value), std::string::npos) << ran.said();
}

TEST(BadInput, an_unknown_flag_is_named_by_every_program) {
  for (const char* program : {"loadgen", "races", "echo-server", "contend"}) {
    expect_usage_error({program, "--no-such-flag"}, "--no-such-flag", "");
  }
}

TEST(BadInput, what_is_no_number_is_named_with_its_flag) {
  expect_usage_error({"loadgen", "-c", "many", "127.0.0.1:1"}, "--connections", "many");
  expect_usage_error({"loadgen", "-d", "soon", "127.0.0.1:1"}, "--duration", "soon");
  expect_usage_error({"loadgen", "-n", "-5", "127.0.0.1:1"}, "-", "5");
  expect_usage_error({"loadgen", "-s", "1x", "127.0.0.1:1"}, "--size", "1x");
  expect_usage_error({"echo-server", "--port", "http"}, "--port", "http");
  expect_usage_error({"echo-server", "--port", "70000"}, "--port", "70000");
  expect_usage_error({"races", "run", "lost_update", "--time", "soon"}, "--time", "soon");
}

TEST(BadInput, zero_connections_are_no_load) {
  expect_usage_error({"loadgen", "-c", "0", "127.0.0.1:1"}, "--connections", "0");
}

TEST(BadInput, what_does_not_exist_is_named) {
  expect_usage_error({"echo-server", "--model", "quantum"}, "--model", "quantum");
  expect_usage_error({"races", "run", "no_such_experiment"}, "no_such_experiment", "");
  expect_usage_error({"races", "run", "lost_update", "--modes", "psychic"}, "--modes", "psychic");
  expect_usage_error({"contend", "report", "--to", "papyrus", "x.json"}, "--to", "papyrus");
}

TEST(BadInput, a_target_that_is_none_is_named) {
  expect_usage_error({"loadgen", "localhost"}, "localhost", "");
  expect_usage_error({"loadgen", "127.0.0.1:99999"}, "127.0.0.1:99999", "");
}

TEST(FailingWorld, an_unreachable_target_is_an_error_with_a_report) {
  const std::string target = "127.0.0.1:" + std::to_string(free_port());
  const Ran ran = run_program({"loadgen", "-c", "2", "-n", "10", "--json", "%json", target});
  EXPECT_EQ(ran.exit.code, 3) << ran.said();
  ASSERT_TRUE(ran.report) << ran.said();
  EXPECT_EQ(overall(*ran.report), Verdict::errored);
  EXPECT_NE(ran.report->cases.at(0).reason.find("refused"), std::string::npos) << ran.said();
}

class BrokenServer : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!is_installed("python3")) GTEST_SKIP() << "python3 is not installed";
  }
  static Ran load(const std::string& defect, std::vector<std::string> more = {}) {
    std::vector<std::string> words{
        "loadgen", "-c",      "4",
        "-n",      "400",     "--json",
        "%json",   "--spawn", stranger("broken_echo.py") + " " + defect + " {port}"};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words);
  }
};

TEST_F(BrokenServer, that_closes_in_mid_message_fails_and_is_counted) {
  const Ran ran = load("closes");
  EXPECT_EQ(ran.exit.code, 1) << ran.said();
  EXPECT_EQ(metric(ran, "messages_answered"), 360)
      << "nine of each ten: who is cut off connects again";
  EXPECT_EQ(metric(ran, "messages_failed"), 40) << ran.said();
  EXPECT_EQ(metric(ran, "errors_total"), 40) << ran.said();
}

TEST_F(BrokenServer, that_returns_a_wrong_byte_fails_with_exactly_the_count_injected) {
  const Ran ran = load("flips");
  EXPECT_EQ(ran.exit.code, 1) << ran.said();
  EXPECT_EQ(metric(ran, "errors_corrupt"), 4) << ran.said();
  ASSERT_FALSE(ran.report->cases.at(0).findings.empty()) << ran.said();
}

TEST_F(BrokenServer, that_never_answers_fails_at_the_timeout_and_everybody_starved) {
  const Ran ran = load("silent", {"--timeout", "300ms"});
  EXPECT_EQ(ran.exit.code, 1) << ran.said();
  EXPECT_EQ(metric(ran, "messages_answered"), 0);
  EXPECT_EQ(metric(ran, "errors_starved"), 4);
}

TEST_F(BrokenServer, that_dies_leaves_a_report_of_what_was_measured) {
  const Ran ran = load("dies");
  EXPECT_EQ(ran.exit.code, 1) << ran.said();
  ASSERT_TRUE(ran.report) << ran.said();
  EXPECT_GT(metric(ran, "messages_answered"), 0) << ran.said();
  EXPECT_GT(sum_of(ran, "errors_total"), 0) << ran.said();
}

TEST_F(BrokenServer, a_whole_one_is_not_accused) {
  const Ran ran = load("none");
  EXPECT_EQ(ran.exit.code, 0) << ran.said();
  EXPECT_EQ(metric(ran, "messages_answered"), 400);
}

TEST(FailingWorld, a_spawned_server_that_crashes_at_once_is_one_sentence) {
  const Ran ran =
      run_program({"loadgen", "-n", "10", "--json", "%json", "--spawn", "false {port}"});
  EXPECT_EQ(ran.exit.code, 3) << ran.said();
  EXPECT_NE(ran.err.find("false"), std::string::npos) << ran.said();
}

TEST(FailingWorld, a_report_that_could_not_be_written_is_refused_before_the_run) {
  for (const std::string program : {"loadgen", "races"}) {
    std::vector<std::string> words =
        program == "loadgen" ? std::vector<std::string>{"loadgen", "-d", "60s", "--spawn",
                                                        "echo-server --port {port}"}
                             : std::vector<std::string>{"races", "run", "lost_update"};
    words.insert(words.end(), {"--json", "/no/such/folder/report.json"});
    const Ran ran = run_program(words, 30s);
    EXPECT_EQ(ran.exit.code, 3) << ran.said();
    EXPECT_NE(ran.err.find("/no/such/folder/report.json"), std::string::npos) << ran.said();
  }
}

TEST(FailingWorld, a_full_disk_is_an_error) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full here";
  const Server server("echo-server --model coroutine --port {port}");
  const Ran load = run_program({"loadgen", "-n", "100", "--json", "/dev/full", server.target()});
  EXPECT_EQ(load.exit.code, 3) << load.said();
  EXPECT_NE(load.err.find("No space left"), std::string::npos) << load.said();
  const Ran races = run_program({"races", "run", "lost_update", "--modes", "native", "--time",
                                 "100ms", "--json", "/dev/full"});
  EXPECT_EQ(races.exit.code, 3) << races.said();
  EXPECT_NE(races.err.find("No space left"), std::string::npos) << races.said();
}

TEST(Interrupted, loadgen_drains_and_reports_what_it_measured) {
  const Server server("echo-server --model coroutine --port {port}");
  const Ran ran = interrupt_program(
      {"loadgen", "-c", "5", "-d", "60s", "--json", "%json", server.target()}, 1500ms);
  EXPECT_EQ(ran.exit.code, 130) << ran.said();
  ASSERT_TRUE(ran.report) << ran.said();
  EXPECT_TRUE(ran.report->interrupted);
  EXPECT_GT(metric(ran, "messages_answered"), 0) << ran.said();
  EXPECT_EQ(metric(ran, "messages_sent"), metric(ran, "messages_answered") +
                                              metric(ran, "messages_failed") +
                                              metric(ran, "messages_unfinished"));
}

TEST(Interrupted, races_reports_what_it_has) {
  const Ran ran = interrupt_program(
      {"races", "run", "lost_update", "--modes", "native", "--time", "60s", "--json", "%json"},
      1500ms);
  EXPECT_EQ(ran.exit.code, 130) << ran.said();
  ASSERT_TRUE(ran.report) << ran.said();
  EXPECT_TRUE(ran.report->interrupted);
}

TEST(EveryProgram, says_what_it_is_and_what_it_takes) {
  for (const char* program : {"loadgen", "races", "echo-server", "contend"}) {
    const Ran version = run_program({program, "--version"});
    EXPECT_EQ(version.exit.code, 0) << version.said();
    EXPECT_EQ(version.out.find(std::string(program) + " "), 0U) << version.said();
    for (const char* part : {"\ncompiler: ", "\nsanitizer: ", "\nbuild type: ", "\nengines: "}) {
      EXPECT_NE(version.out.find(part), std::string::npos) << part << version.said();
    }
    const Ran help = run_program({program, "--help"});
    EXPECT_EQ(help.exit.code, 0) << help.said();
    EXPECT_NE(help.out.find("--help"), std::string::npos) << help.said();
    EXPECT_EQ(help.err, "");
  }
}

}  // namespace
}  // namespace contend::testing
