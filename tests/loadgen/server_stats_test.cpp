#include "loadgen/server_stats.hpp"

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/process.hpp"

#include "loadgen/grade.hpp"
#include "tests/loadgen/loadgen_run.hpp"

namespace contend::loadgen {
namespace {

constexpr const char* recorded_stats = R"(listening on 127.0.0.1:1
{
  "schema": "contend.server-stats/1", "model": "thread", "connections_accepted": 3, "bytes_in": 640,
  "bytes_out": 320, "bytes_unaccounted": 0, "faults_injected": 5,
  "counter": {"kind": "plain", "lost_connections": 1, "lost_bytes": 64}
}
)";

TEST(ServerStats, are_found_in_what_a_server_printed) {
  const auto stats = parse_server_stats(recorded_stats);
  ASSERT_TRUE(stats);
  EXPECT_EQ(*stats, (ServerStats{3, 640, 320, 0, 5, 65}));
}

TEST(ServerStats, anything_else_is_none) {
  const std::string whole = recorded_stats;
  EXPECT_FALSE(parse_server_stats(""));
  EXPECT_FALSE(parse_server_stats("{}"));
  EXPECT_FALSE(parse_server_stats("contend.server-stats/1"));
  EXPECT_FALSE(parse_server_stats("}{ contend.server-stats/1"));
  for (std::size_t cut = 0; cut + 2 < whole.size(); ++cut) {
    EXPECT_FALSE(parse_server_stats(whole.substr(0, cut))) << cut;
  }
}

TEST(ServerStats, are_where_the_command_says) {
  EXPECT_EQ(stats_place({"echo-server", "--stats", "-"}), "-");
  EXPECT_EQ(stats_place({"echo-server", "--stats=/a/b"}), "/a/b");
  EXPECT_EQ(stats_place({"echo-server", "--stats"}), std::nullopt);
  EXPECT_EQ(stats_place({"echo-server"}), std::nullopt);
}

std::string our_server(const std::string& rest) {
  return find_program("echo-server")->string() + " --port {port} " + rest;
}

TEST(ServerStats, stand_beside_what_the_clients_counted) {
  const ScratchFolder folder = *ScratchFolder::make();
  for (const std::string& place : {std::string("-"), (folder.path() / "stats").string()}) {
    const Ran ran = run_loadgen({"-c", "4", "-n", "400", "--assert", "server_bytes_in==25600",
                                 "--assert", "lost_updates==0", "--assert", "server_exit_code==0",
                                 "--spawn", our_server("--counter atomic --stats " + place)});
    EXPECT_EQ(ran.exit.code, 0) << place << ran.text;
    EXPECT_EQ(ran.metric("server_bytes_in"), ran.metric("bytes_sent")) << ran.text;
    EXPECT_EQ(ran.metric("server_bytes_out"), ran.metric("bytes_verified")) << ran.text;
    EXPECT_EQ(ran.metric("server_connections_accepted"), 4) << ran.text;
    EXPECT_EQ(ran.metric("lost_updates"), 0) << ran.text;
  }
  const Ran faulty =
      run_loadgen({"-c", "1", "-n", "400", "--spawn", our_server("--stats - --fault corrupt:0.1")});
  EXPECT_EQ(faulty.exit.code, 1) << faulty.text;
  EXPECT_GT(faulty.metric("server_faults_injected"), 0) << faulty.text;
  EXPECT_EQ(faulty.metric("server_faults_injected"), faulty.metric("errors_corrupt"))
      << faulty.text;
}

TEST(ServerStats, that_differ_from_the_clients_count_fail_the_run) {
  Plan plan;
  plan.name = "server";
  plan.destinations = {{{Target::Kind::tcp, "127.0.0.1", 80}, {}}};
  const auto judged = [&plan](std::uint64_t bytes_in) {
    Case result{.verdict = Verdict::passed};
    result.metrics = {{.name = "bytes_sent", .value = 640}};
    ServerEnd end{.counts = true, .stats = ServerStats{.bytes_in = bytes_in}};
    end.exit.code = 0;
    conclude(plan, end, result);
    return result;
  };
  EXPECT_EQ(judged(640).verdict, Verdict::passed);
  EXPECT_EQ(judged(639).verdict, Verdict::failed);
  EXPECT_NE(judged(639).reason.find("sent 640 bytes, and the server counted 639"),
            std::string::npos);
}

}  // namespace
}  // namespace contend::loadgen
