#include "loadgen/server_watch.hpp"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/process.hpp"

#include "tests/loadgen/loadgen_run.hpp"

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;

const Metric& metric(const Case& in, const std::string& name) {
  const Metric* found = find_metric(in, name);
  if (found == nullptr) throw std::runtime_error("no metric " + name);
  return *found;
}

/// What a watch sees of `command` until its CPU time is above zero, or a bound of time is over.
ServerUse watched(const std::string& script) {
  auto child = Child::start({.argv = {"sh", "-c", script}, .stdout_to = "/dev/null"});
  ServerWatch watch(child->pid());
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (std::chrono::steady_clock::now() < end) {
    const auto use = look_at_process(child->pid());
    if (!use || use->cpu_seconds > 0.3) break;
    std::this_thread::sleep_for(20ms);
  }
  std::this_thread::sleep_for(200ms);
  return watch.stop();
}

TEST(ServerWatch, sees_the_cpu_of_a_process_that_works) {
  const ServerUse use = watched("while :; do :; done");
  EXPECT_GT(use.cpu_seconds, 0.1);
  EXPECT_GT(use.peak_rss_bytes, 100'000);
  EXPECT_GE(use.peak_descriptors, 3);
  EXPECT_FALSE(use.ended);
  EXPECT_GE(use.rss_bytes.size(), 2U);
}

TEST(ServerWatch, sees_that_a_process_ended) {
  EXPECT_TRUE(watched("exit 0").ended);
}

TEST(ServerWatch, a_process_that_is_not_there_is_one_sentence) {
  const auto use = look_at_process(4'194'303);
  ASSERT_FALSE(use);
  EXPECT_EQ(use.error().message, "there is no process 4194303");
}

TEST(ServerWatch, attach_puts_the_servers_use_beside_the_load) {
  const ScratchFolder folder = *ScratchFolder::make();
  const auto place = folder.path() / "socket";
  auto server = Child::start(
      {.argv = {find_program("echo-server")->string(), "--unix", place}, .stdout_to = "/dev/null"});
  ASSERT_TRUE(server);
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!std::filesystem::exists(place) && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(5ms);
  }
  const Ran ran = run_loadgen({"-c", "7", "-d", "500ms", "--attach", std::to_string(server->pid()),
                               "unix:" + place.string()});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_GT(metric(ran.only(), "server_rss_bytes").value, 1'000'000);
  EXPECT_GT(metric(ran.only(), "server_descriptors").value, 7);
  const Ran shared = run_loadgen({"-c", "2", "-d", "500ms", "--workers", "2", "--attach",
                                  std::to_string(server->pid()), "unix:" + place.string()});
  const auto named = [](const Metric& metric) { return metric.name == "server_rss_bytes"; };
  EXPECT_EQ(std::ranges::count_if(shared.only().metrics, named), 1) << "one process, watched once";
  EXPECT_EQ(run_loadgen({"-n", "1", "--attach", "4194303", "unix:" + place.string()}).exit.code, 3);
}

}  // namespace
}  // namespace contend::loadgen
