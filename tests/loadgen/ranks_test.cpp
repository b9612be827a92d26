// mpirun with the real program: the plan of one process, and what becomes of it when a rank fails.
#include "loadgen/ranks.hpp"

#include <csignal>
#include <fstream>
#include <functional>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/process.hpp"
#include "core/report_json.hpp"

#include "tests/loadgen/loadgen_run.hpp"
#include "tests/loadgen/recording_server.hpp"

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;
using support::ScriptedServer;
using Strike = std::function<void(pid_t mpirun)>;

class Ranks : public testing::Test {
 protected:
  void SetUp() override {
    if (!find_program("loadgen-mpi")) {
      GTEST_SKIP()
          << "loadgen-mpi is not built here: no libopenmpi-dev, or a sanitizer, which Open "
             "MPI is not built for";
    }
    if (::access("/usr/bin/mpirun", X_OK) != 0) GTEST_SKIP() << "there is no mpirun";
  }

  /// `mpirun -n RANKS loadgen ARGS… --json FILE`; `strike` is called once the run goes on.
  static Ran mpirun(int ranks, std::vector<std::string> arguments, const Strike& strike = {}) {
    const ScratchFolder folder = *ScratchFolder::make();
    const auto output = folder.path() / "output";
    const auto json = folder.path() / "report.json";
    std::vector<std::string> argv{
        "mpirun", "--oversubscribe",     "--allow-run-as-root",
        "-n",     std::to_string(ranks), find_program("loadgen")->string()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    argv.insert(argv.end(), {"--json", json});
    Child child = *Child::start({.argv = argv, .stdout_to = output, .stderr_to = output});
    if (strike) strike(child.pid());
    Ran ran;
    ran.exit =
        child.wait_until(std::chrono::steady_clock::now() + 90s).value_or(Exit{.timed_out = true});
    ran.text = *read_file(output);
    if (std::filesystem::exists(json)) ran.report = *load_report(json);
    return ran;
  }
};

std::vector<pid_t> children_of(pid_t pid) {
  const std::string task = "/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid);
  std::ifstream file(task + "/children");
  std::vector<pid_t> all;
  for (pid_t child = 0; file >> child;) all.push_back(child);
  return all;
}

/// Waits until six clients are connected, then sends the signal to the process of the second rank.
Strike strike_rank(ScriptedServer& server, int signal) {
  return [&server, signal](pid_t mpirun) {
    for (int i = 0; i < 3000 && server.accepted() < 6; ++i) std::this_thread::sleep_for(10ms);
    const auto ranks = children_of(mpirun);
    ASSERT_EQ(ranks.size(), 3U);
    ::kill(ranks[1], signal);
  };
}

TEST_F(Ranks, send_the_plan_of_one_process_byte_for_byte) {
  for (const std::vector<std::string>& load : {std::vector<std::string>{"-n", "1003", "-p", "4"},
                                               {"-n", "503", "-R", "2000", "--drain", "30s"}}) {
    RecordingServer server;
    std::vector<std::string> arguments{"-c", "10", "-s", "20..200", "--seed", "7"};
    arguments.insert(arguments.end(), load.begin(), load.end());
    arguments.push_back(server.target());
    const Ran alone = run_loadgen(arguments);
    const auto sent_alone = server.take();
    const Ran ran = mpirun(4, arguments);
    EXPECT_TRUE(ran.exit.code == 0 || ran.exit.code == 2) << ran.text;
    EXPECT_EQ(server.take(), sent_alone);
    for (const char* name : {"messages_planned", "messages_answered", "bytes_verified"}) {
      EXPECT_EQ(ran.metric(name), alone.metric(name)) << name;
    }
    EXPECT_GT(ran.metric("rank3_messages_sent"), 0);
    EXPECT_GT(ran.metric("clock_bound_ns"), 0);
    EXPECT_EQ(ran.only().id, alone.only().id);
  }
}

TEST_F(Ranks, show_the_sum_of_their_figures_while_they_run) {
  ScriptedServer server(support::echo);
  const ScratchFolder folder = *ScratchFolder::make();
  const auto stream = folder.path() / "stream";
  const Ran ran =
      mpirun(3, {"-c", "6", "-d", "2500ms", "--json-stream", stream.string(), server.target()});
  EXPECT_TRUE(ran.exit.code == 0 || ran.exit.code == 2) << ran.text;
  // Added up by the ranks among themselves, and by rank 0 from their reports.
  EXPECT_EQ(sum_of_stream(*read_file(stream), "answered"), ran.metric("messages_answered"));
}

TEST_F(Ranks, that_run_another_program_are_refused_by_name) {
  const ScratchFolder folder = *ScratchFolder::make();
  const auto copy = [&](const char* name, const std::filesystem::path& to) {
    std::filesystem::create_directories(to.parent_path());
    std::filesystem::copy_file(*find_program(name), to);
    return to;
  };
  const auto other = copy("loadgen", folder.path() / "bin/loadgen");
  copy("loadgen-mpi", folder.path() / "libexec/contend/loadgen-mpi");
  std::ofstream(other, std::ios::app) << "one byte more, as another build would have";
  const std::vector<std::string> load{"-c", "4", "-n", "8", "127.0.0.1:1"};
  std::vector<std::string> arguments = load;
  arguments.insert(arguments.end(), {":", "-n", "1", other.string()});
  arguments.insert(arguments.end(), load.begin(), load.end());
  const Ran ran = mpirun(1, arguments);
  EXPECT_EQ(ran.exit.code, 3) << ran.text;
  EXPECT_NE(ran.text.find("rank 1 runs another program than rank 0: loadgen "), std::string::npos)
      << ran.text;
}

TEST_F(Ranks, that_are_killed_end_the_run_and_are_named_and_nothing_is_left) {
  ScriptedServer server(support::echo);
  pid_t struck = 0;
  const Ran ran = mpirun(3, {"-c", "6", "-d", "60s", server.target()}, [&](pid_t mpirun) {
    for (int i = 0; i < 3000 && server.accepted() < 6; ++i) std::this_thread::sleep_for(10ms);
    const auto measuring = children_of(children_of(mpirun).at(1));
    ASSERT_EQ(measuring.size(), 1U);
    struck = measuring[0];
    ::kill(struck, SIGKILL);
  });
  EXPECT_EQ(ran.exit.code, 3) << ran.text;
  EXPECT_EQ(ran.only().reason.find("rank "), 0U);
  EXPECT_NE(ran.only().reason.find("was ended by signal 9 (Killed); the other 2 ranks had"),
            std::string::npos)
      << ran.only().reason;
  EXPECT_NE(::kill(struck, 0), 0);
}

TEST_F(Ranks, whose_own_process_is_killed_are_named_too) {
  ScriptedServer server(support::echo);
  const Ran ran =
      mpirun(3, {"-c", "6", "-d", "60s", server.target()}, strike_rank(server, SIGKILL));
  EXPECT_NE(ran.exit.code, 0) << ran.text;  // mpirun's own
  EXPECT_NE(ran.text.find("rank 1"), std::string::npos) << ran.text;
  EXPECT_EQ(ran.only().verdict, Verdict::errored);
  EXPECT_NE(ran.only().reason.find("was ended, or left no report in time"), std::string::npos)
      << ran.only().reason;
}

TEST_F(Ranks, that_hang_are_named_and_ended) {
  ScriptedServer server(support::echo);
  const Ran ran =
      mpirun(3, {"-c", "6", "-d", "60s", server.target()}, strike_rank(server, SIGSTOP));
  EXPECT_EQ(ran.exit.code, 3) << ran.text;
  EXPECT_NE(ran.only().reason.find("hung: nothing was heard of it for 10 s"), std::string::npos)
      << ran.only().reason;
  EXPECT_GT(ran.metric("messages_answered"), 0);
}

TEST_F(Ranks, with_other_options_are_refused_by_name) {
  const Ran ran =
      mpirun(1, {"-c", "4", "-n", "8", "127.0.0.1:1", ":", "-n", "1",
                 find_program("loadgen")->string(), "-c", "8", "-n", "8", "127.0.0.1:1"});
  EXPECT_EQ(ran.exit.code, 64) << ran.text;
  EXPECT_NE(ran.text.find("rank 1 has other options than rank 0: connections is 8, not 4"),
            std::string::npos)
      << ran.text;
}

TEST_F(Ranks, that_cannot_reach_the_target_say_so) {
  const Ran ran = mpirun(2, {"-c", "4", "-n", "8", "127.0.0.1:1"});
  EXPECT_EQ(ran.exit.code, 3) << ran.text;
  EXPECT_NE(ran.only().reason.find("rank 1: connecting to 127.0.0.1:1"), std::string::npos);
}

TEST(WithoutMpi, loadgen_says_what_is_missing) {
  if (find_program("loadgen-mpi")) GTEST_SKIP() << "it is there";
  const ScratchFolder folder = *ScratchFolder::make();
  const auto output = folder.path() / "output";
  const Exit exit = *run_sanitized({.argv = {find_program("loadgen")->string(), "127.0.0.1:1"},
                                    .env = {{"OMPI_COMM_WORLD_SIZE", "4"}},
                                    .stdout_to = output,
                                    .stderr_to = output},
                                   60s);
  EXPECT_EQ(exit.code, 3);
  EXPECT_NE(read_file(output)->find("install libopenmpi-dev"), std::string::npos);
}

TEST(Alone, one_rank_needs_nobody) {
  ScriptedServer server(support::echo);
  const ScratchFolder folder = *ScratchFolder::make();
  Options options;
  options.targets = {server.target()};
  options.messages = 20;
  options.json = folder.path() / "report.json";
  Alone alone;
  const Expected<int> code = run_ranks(options, find_program("loadgen")->string(), alone);
  ASSERT_TRUE(code) << code.error().message;
  EXPECT_EQ(*code, 0);
  EXPECT_EQ(find_metric(load_report(options.json)->cases.at(0), "messages_answered")->value, 20);
}

TEST(Alone, what_one_rank_has_is_the_sum) {
  Alone alone;
  EXPECT_FALSE(alone.reduced());
  alone.reduce({1, 2});
  alone.reduce({3});
  EXPECT_EQ(alone.reduced(), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(alone.reduced(), (std::vector<std::uint64_t>{3}));
  EXPECT_FALSE(alone.reduced());
}

}  // namespace
}  // namespace contend::loadgen
