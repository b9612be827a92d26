// The real program as parts of one plan: what N shards do together is what one process does alone.
#include "core/shards.hpp"

#include <map>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "core/file.hpp"

#include "tests/loadgen/loadgen_run.hpp"
#include "tests/loadgen/recording_server.hpp"

namespace contend::loadgen {
namespace {

using std::chrono::seconds;
using support::ScriptedServer;

std::string soon() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::to_string(std::chrono::duration_cast<seconds>(now).count() + 1);
}

/// The reports of all shards, which run at the same time as far as the machine allows.
std::vector<Report> run_shards(int shards, std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--start-at", soon()});
  std::vector<Report> reports(static_cast<std::size_t>(shards));
  std::vector<std::jthread> threads;
  for (int i = 0; i < shards; ++i) {
    threads.emplace_back([&, i] {
      auto mine = arguments;
      mine.insert(mine.end(), {"--shard", std::to_string(i) + "/" + std::to_string(shards)});
      reports[static_cast<std::size_t>(i)] = run_loadgen(mine).report;
    });
  }
  return reports;
}

double metric(const Report& report, const char* name) {
  const Metric* found = find_metric(report.cases.at(0), name);
  return found == nullptr || !found->value ? -1 : *found->value;
}

TEST(Shards, together_send_the_plan_of_one_process_byte_for_byte) {
  for (const std::vector<std::string>& load : {std::vector<std::string>{"-n", "1003", "-p", "4"},
                                               {"-n", "503", "-R", "2000", "--drain", "30s"}}) {
    RecordingServer server;
    std::vector<std::string> arguments{"-c", "10",     "-s",   "20..200",  "--seed",
                                       "7",  "--name", "echo", "--warmup", "0"};
    arguments.insert(arguments.end(), load.begin(), load.end());
    arguments.push_back(server.target());
    const Report alone = run_loadgen(arguments).report;
    const auto sent_alone = server.take();
    const auto merged = merge_shards(run_shards(4, arguments));
    ASSERT_TRUE(merged) << merged.error().message;
    EXPECT_EQ(sent_alone.size(), 10U);
    EXPECT_EQ(server.take(), sent_alone);
    for (const char* name : {"messages_planned", "messages_sent", "messages_answered", "bytes_sent",
                             "bytes_verified", "errors_total", "connections", "clients_served"}) {
      EXPECT_EQ(metric(*merged, name), metric(alone, name)) << name;
      EXPECT_GE(metric(*merged, name), 0) << name;
    }
    EXPECT_EQ(merged->cases[0].id, "loadgen/echo/c10");
    EXPECT_GT(metric(*merged, "effective_samples"), 0);
    EXPECT_EQ(merged->cases[0].distributions[1].count, alone.cases[0].distributions[1].count);
    EXPECT_GE(metric(*merged, "rank3_messages_sent"), 100);
  }
}

TEST(Shards, need_a_seed_and_a_time_in_common_and_refuse_what_only_the_whole_can_have) {
  const auto refused = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--dry-run", "127.0.0.1:1"});
    const Ran ran = run_loadgen(arguments);
    EXPECT_EQ(ran.exit.code, 64) << ran.text;
    return ran.text;
  };
  EXPECT_NE(refused({"--shard", "0/4"}).find("needs --seed"), std::string::npos);
  EXPECT_NE(refused({"--shard", "0/4", "--seed", "1"}).find("needs --start-at"), std::string::npos);
  EXPECT_NE(refused({"--shard", "4/4"}).find("\"4/4\" is not I/N"), std::string::npos);
  EXPECT_NE(refused({"--start-at", "5"}).find("since 1970"), std::string::npos);
  const std::vector<std::string> fine{"--shard", "0/4", "--seed", "1", "--start-at", "2000000000"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), fine.begin(), fine.end());
    return refused(more);
  };
  EXPECT_NE(with({"-c", "3"}).find("3 clients cannot be shared by 4"), std::string::npos);
  EXPECT_NE(with({"--assert", "p99<1s"}).find("contend gate"), std::string::npos);
}

TEST(Shards, say_when_they_began_too_late) {
  ScriptedServer server(support::echo);
  const Ran ran = run_loadgen({"-c", "2", "-n", "10", "--seed", "1", "--shard", "0/2", "--start-at",
                               "1700000000", server.target()});
  EXPECT_EQ(ran.exit.code, 2) << ran.text;
  EXPECT_NE(ran.only().reason.find("after --start-at"), std::string::npos) << ran.text;
}

}  // namespace
}  // namespace contend::loadgen
