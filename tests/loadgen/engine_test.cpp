// Engine uring, skipped, visibly, where io_uring is forbidden; and which engine it is if nobody
// says.
#include "loadgen/engine.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/host.hpp"
#include "core/process.hpp"

#include "tests/loadgen/loadgen_run.hpp"
#include "tests/support/programs.hpp"

namespace contend::loadgen {
namespace {

std::string our_server(const std::string& rest) {
  return find_program("echo-server")->string() + " --port {port} " + rest;
}

class UringEngine : public ::testing::Test {
 protected:
  void SetUp() override {
    const Expected<Engine> engine = choose_engine(Engine::uring, true);
    if (!engine) GTEST_SKIP() << engine.error().message;
  }
};

TEST_F(UringEngine, carries_the_same_plan_as_the_other) {
  const std::vector<std::string> load{
      "-c", "50",        "-n",  "5000",    "-s",           "1..9000",         "--seed",
      "7",  "--timeout", "30s", "--spawn", our_server(""), "127.0.0.1:{port}"};
  const auto run_on = [&load](const char* engine) {
    auto words = load;
    words.insert(words.begin(), {"--engine", engine});
    return run_loadgen(words);
  };
  const Ran asio = run_on("asio");
  const Ran uring = run_on("uring");
  for (const Ran* ran : {&asio, &uring}) {
    EXPECT_EQ(ran->exit.code, 0) << ran->text;
    EXPECT_EQ(ran->metric("messages_answered"), 5000) << ran->text;
    EXPECT_EQ(ran->metric("bytes_sent"), ran->metric("bytes_verified")) << ran->text;
  }
  EXPECT_EQ(uring.metric("bytes_sent"), asio.metric("bytes_sent"));
}

TEST_F(UringEngine, finds_every_flipped_bit) {
  const Ran ran = run_loadgen({"--engine", "uring", "-c", "10", "-n", "5000", "--timeout", "30s",
                               "--spawn", our_server("--fault corrupt:0.01"), "127.0.0.1:{port}"});
  EXPECT_EQ(ran.exit.code, 1) << ran.text;
  EXPECT_GT(ran.metric("errors_corrupt"), 0) << ran.text;
  EXPECT_EQ(ran.metric("messages_answered") + ran.metric("errors_corrupt"), 5000) << ran.text;
}

TEST_F(UringEngine, keeps_due_times_in_several_processes) {
  const Ran ran = run_loadgen({"--engine", "uring", "--workers", "2", "-c", "8", "-n", "400", "-R",
                               "400", "--timeout", "30s", "--drain", "30s", "--spawn",
                               our_server(""), "127.0.0.1:{port}"});
  EXPECT_EQ(ran.metric("messages_answered"), 400) << ran.text;
  EXPECT_EQ(ran.metric("errors_total"), 0) << ran.text;
  EXPECT_GE(ran.metric("intended_p50_ns"), ran.metric("service_p50_ns")) << ran.text;
}

TEST_F(UringEngine, loses_no_client_when_the_server_resets_them) {
  const Ran ran = run_loadgen({"--engine", "uring", "-c", "10", "-n", "2000", "--timeout", "30s",
                               "--spawn", our_server("--fault reset:0.01"), "127.0.0.1:{port}"});
  EXPECT_EQ(ran.exit.code, 1) << ran.text;
  EXPECT_GT(ran.metric("errors_reset"), 0) << ran.text;
  EXPECT_EQ(ran.metric("messages_answered") + ran.metric("errors_total"), 2000) << ran.text;
}

testing::Ran run_where_the_kernel_forbids_it(std::vector<std::string> words) {
  // Leaks are not looked for: that takes a tracer, and a process has one only.
  std::vector<std::string> all{"/usr/bin/env",
                               "ASAN_OPTIONS=detect_leaks=0",
                               "/usr/bin/strace",
                               "-f",
                               "-qq",
                               "-o",
                               "/dev/null",
                               "-e",
                               "inject=io_uring_setup:error=EPERM",
                               "-e",
                               "trace=io_uring_setup",
                               find_program("loadgen")->string()};
  all.insert(all.end(), words.begin(), words.end());
  return testing::run_program(all);
}

bool may_trace() {
  return testing::is_installed("strace") &&
         testing::run_program({"/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "/bin/true"})
             .exit.ok();
}

TEST(Engine, that_the_kernel_forbids_is_a_sentence_and_exit_3) {
  if (!may_trace()) GTEST_SKIP() << "strace is not installed, or may not trace";
  const auto ran = run_where_the_kernel_forbids_it({"--engine", "uring", "-n", "1", "127.0.0.1:9"});
  EXPECT_EQ(ran.exit.code, 3) << ran.said();
  EXPECT_NE(ran.said().find("loadgen: --engine uring: "), std::string::npos) << ran.said();
}

TEST(Engine, that_nobody_chose_is_one_that_the_kernel_allows) {
  if (!may_trace()) GTEST_SKIP() << "strace is not installed, or may not trace";
  const auto forbidden = run_where_the_kernel_forbids_it({"--dry-run", "127.0.0.1:9"});
  EXPECT_EQ(forbidden.exit.code, 0) << forbidden.said();
  EXPECT_NE(forbidden.out.find("\"engine\": \"asio\""), std::string::npos) << forbidden.said();
  const bool watched = std::string_view(this_sanitizer()) == "thread";
  const char* expected = choose_engine(Engine::uring, true) && !watched ? "uring" : "asio";
  const auto free = testing::run_program({"loadgen", "--dry-run", "127.0.0.1:9"});
  const auto datagrams = testing::run_program({"loadgen", "--dry-run", "udp://127.0.0.1:9"});
  EXPECT_NE(datagrams.out.find("\"engine\": \"asio\""), std::string::npos) << datagrams.said();
  EXPECT_NE(free.out.find(fmt::format("\"engine\": \"{}\"", expected)), std::string::npos)
      << free.said();
}

TEST(Engine, of_another_name_is_refused) {
  const Ran ran = run_loadgen({"--engine", "epoll", "127.0.0.1:9"});
  EXPECT_EQ(ran.exit.code, 64) << ran.text;
  EXPECT_NE(ran.text.find("\"epoll\" is neither asio nor uring"), std::string::npos) << ran.text;
}

}  // namespace
}  // namespace contend::loadgen
