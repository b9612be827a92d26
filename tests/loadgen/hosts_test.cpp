// Ranks on hosts of their own: network namespaces of this machine, joined by a bridge, each with an
// address and a name. Skips where such may not be made.
#include <algorithm>
#include <filesystem>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/process.hpp"
#include "core/report_json.hpp"

#include "tests/loadgen/loadgen_run.hpp"

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;

constexpr int ranks = 3;
constexpr int server_host = 9;

bool succeeds(const std::string& script) {
  const auto exit = contend::run({.argv = {"sh", "-ec", script}}, 60s);
  return exit && exit->ok();
}

/// Hosts 1 to 3 for the ranks, 9 for the server, and the bridge, as namespaces PREFIX-NUMBER.
class Hosts {
 public:
  Hosts() : prefix_(fmt::format("contend{}", ::getpid())) {
    std::string script = in(0, "ip link add br0 type bridge; ip link set br0 up");
    for (const int host : numbers()) {
      script += fmt::format("ip link add e0 netns {0}-{1} type veth peer name v{1} netns {0}-0\n",
                            prefix_, host);
      script +=
          in(host, fmt::format("ip addr add {}/24 dev e0; ip link set e0 up; ip link set lo up",
                               address(host)));
      script += in(0, fmt::format("ip link set v{0} master br0; ip link set v{0} up", host));
    }
    std::string begin = fmt::format("ip netns add {}-0\n", prefix_);
    for (const int host : numbers()) begin += fmt::format("ip netns add {}-{}\n", prefix_, host);
    there_ = succeeds(begin + script);
  }
  Hosts(const Hosts&) = delete;
  Hosts& operator=(const Hosts&) = delete;
  ~Hosts() {
    for (const int host : numbers()) succeeds(fmt::format("ip netns del {}-{}", prefix_, host));
    succeeds(fmt::format("ip netns del {}-0", prefix_));
  }

  bool there() const { return there_; }
  static std::string address(int host) { return fmt::format("10.77.0.{}", host); }

  /// The words that start a command on a host.
  std::vector<std::string> on(int host) const {
    return {"ip", "netns", "exec", fmt::format("{}-{}", prefix_, host)};
  }
  /// From this host, nothing reaches that one.
  bool forbid(int from, int to) const {
    return succeeds(in(from, "ip route add blackhole " + address(to)));
  }
  bool is_anything_running(int host) const {
    return succeeds(fmt::format("ip netns pids {}-{} | grep -q .", prefix_, host));
  }

  /// Stands in for ssh: `AGENT HOST COMMAND…`.
  std::filesystem::path agent(const std::filesystem::path& folder) const {
    auto file = folder / "agent";
    EXPECT_TRUE(write_file(file, fmt::format("#!/bin/sh\n"
                                             "number=${{1##*.}}\n"
                                             "shift\n"
                                             "exec ip netns exec {}-$number unshare --uts sh -c "
                                             "\"hostname host$number; exec $*\"\n",
                                             prefix_)));
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    return file;
  }

 private:
  static std::vector<int> numbers() { return {1, 2, 3, server_host}; }
  std::string in(int host, const std::string& commands) const {
    return fmt::format("ip netns exec {}-{} sh -ec '{}'\n", prefix_, host, commands);
  }

  std::string prefix_;
  bool there_ = false;
};

class RanksOnHosts : public testing::Test {
 protected:
  void SetUp() override {
    if (!find_program("loadgen-mpi")) GTEST_SKIP() << "loadgen-mpi is not built here";
    if (::access("/usr/bin/mpirun", X_OK) != 0) GTEST_SKIP() << "there is no mpirun";
    if (!hosts_.there()) GTEST_SKIP() << "network namespaces may not be made here";
    std::vector<std::string> argv = hosts_.on(server_host);
    const auto said = folder_.path() / "server";
    argv.insert(argv.end(), {find_program("echo-server")->string(), "--host",
                             Hosts::address(server_host), "--port", "7000"});
    server_.emplace(*Child::start({.argv = argv, .stdout_to = said, .stderr_to = said}));
    for (int i = 0; i < 3000 && read_file(said)->find("listening") == std::string::npos; ++i) {
      std::this_thread::sleep_for(10ms);
    }
  }

  /// mpirun on host 1, a rank on each.
  Ran mpirun(std::vector<std::string> arguments) {
    const auto output = folder_.path() / "output";
    const auto json = folder_.path() / "report.json";
    const auto hostfile = folder_.path() / "hosts";
    std::string names;
    for (int host = 1; host <= ranks; ++host) names += Hosts::address(host) + " slots=1\n";
    EXPECT_TRUE(write_file(hostfile, names));
    std::vector<std::string> argv = hosts_.on(1);
    argv.insert(argv.end(),
                {"mpirun", "--allow-run-as-root", "--hostfile", hostfile, "-n",
                 std::to_string(ranks), "--mca", "plm_rsh_agent", hosts_.agent(folder_.path()),
                 "--mca", "btl", "tcp,self", "--mca", "btl_tcp_if_include", "e0", "--mca",
                 "oob_tcp_if_include", "e0", find_program("loadgen")->string()});
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    argv.insert(argv.end(),
                {"--allow-remote", "--json", json, Hosts::address(server_host) + ":7000"});
    Ran ran;
    ran.exit = *contend::run({.argv = argv, .stdout_to = output, .stderr_to = output}, 90s);
    ran.text = *read_file(output);
    if (std::filesystem::exists(json)) ran.report = *load_report(json);
    return ran;
  }

  bool is_anything_left() const {
    for (int i = 0; i < 1000; ++i) {
      bool any = false;
      for (int host = 1; host <= ranks; ++host) any |= hosts_.is_anything_running(host);
      if (!any) return false;
      std::this_thread::sleep_for(20ms);
    }
    return true;
  }

  Hosts hosts_;
  ScratchFolder folder_ = *ScratchFolder::make();
  std::optional<Child> server_;
};

TEST_F(RanksOnHosts, carry_one_plan_out_together) {
  const Ran ran = mpirun({"-c", "6", "-n", "603", "--seed", "7"});
  EXPECT_TRUE(ran.exit.code == 0 || ran.exit.code == 2) << ran.text;
  EXPECT_EQ(ran.metric("messages_answered"), 603);
  for (int rank = 0; rank < ranks; ++rank) {
    EXPECT_GT(ran.metric(fmt::format("rank{}_messages_sent", rank)), 0);
  }
  EXPECT_GT(ran.metric("clock_bound_ns"), 0);
  EXPECT_FALSE(is_anything_left());
}

TEST_F(RanksOnHosts, of_which_one_cannot_reach_the_target_name_it) {
  ASSERT_TRUE(hosts_.forbid(2, server_host));
  const Ran ran = mpirun({"-c", "6", "-d", "60s"});
  EXPECT_EQ(ran.exit.code, 3) << ran.text;
  EXPECT_NE(ran.only().reason.find("rank 1: connecting to 10.77.0.9:7000"), std::string::npos)
      << ran.only().reason;
  EXPECT_FALSE(is_anything_left());
}

}  // namespace
}  // namespace contend::loadgen
