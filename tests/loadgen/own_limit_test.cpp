// A generator that was the limit itself says so, and claims nothing of the server.
#include <csignal>
#include <filesystem>
#include <sched.h>
#include <thread>

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/process.hpp"

#include "tests/loadgen/loadgen_run.hpp"

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;

std::string our_server() {
  return find_program("echo-server")->string() + " --port {port}";
}

/// For the time of a test, this process and what it starts have one core between them.
class OneCore {
 public:
  OneCore() {
    ::sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &before_)) {
        CPU_SET(cpu, &one);
        break;
      }
    }
    ::sched_setaffinity(0, sizeof one, &one);
  }
  ~OneCore() { ::sched_setaffinity(0, sizeof before_, &before_); }
  OneCore(const OneCore&) = delete;
  OneCore& operator=(const OneCore&) = delete;

 private:
  cpu_set_t before_{};
};

TEST(OwnLimit, a_core_shared_with_the_server_is_inconclusive_whatever_the_rate) {
  const OneCore pinned;
  for (const char* rate : {"100k", "400k"}) {
    const Ran ran = run_loadgen({"-c", "20", "-d", "1s", "-R", rate, "--spawn", our_server()});
    EXPECT_EQ(ran.exit.code, 2) << rate << ran.text;
    EXPECT_NE(ran.only().reason.find("the generator was the limit"), std::string::npos) << ran.text;
  }
}

TEST(OwnLimit, a_thread_that_stood_still_is_inconclusive) {
  const ScratchFolder folder = *ScratchFolder::make();
  const auto seconds = folder.path() / "seconds";
  auto child =
      Child::start({.argv = {find_program("loadgen")->string(), "-c", "5", "-d", "3s", "-R", "500",
                             "--json-stream", seconds, "--spawn", our_server()},
                    .stdout_to = folder.path() / "output"});
  ASSERT_TRUE(child);
  const auto end = std::chrono::steady_clock::now() + 60s;
  const auto begun = [&] {
    const auto lines = read_file(seconds);
    return lines && lines->find('\n') != std::string::npos;
  };
  while (!begun() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(5ms);
  child->signal(SIGSTOP);
  std::this_thread::sleep_for(700ms);
  child->signal(SIGCONT);
  const auto exit = child->wait_until(end);
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 2) << read_file(folder.path() / "output").value();
}

}  // namespace
}  // namespace contend::loadgen
