// The server under ThreadSanitizer, twice: with its defaults, and with io_sync=0, which no longer
// takes every socket for one lock and so finds races that the defaults miss. The counter that races
// on purpose is found; its repaired twins, and everything else, are silent.
#include <algorithm>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/sanitizer_report.hpp"

#include "client.hpp"
#include "running_server.hpp"
#include "server_program.hpp"

namespace contend::test {
namespace {

using Sanitized = EveryModel;

constexpr int exit_with_findings = 66;

/// Sixteen clients, so that no dealing-out of connections leaves all of them in one thread.
void load(std::uint16_t port, std::uint64_t messages = 50) {
  std::vector<std::thread> clients;
  for (std::uint64_t seed = 0; seed < 16; ++seed) {
    clients.emplace_back([=] {
      Client client(port);
      for (std::uint64_t i = 0; i < messages; ++i) {
        const std::string sent = noise(64, seed * 1000 + i);
        EXPECT_TRUE(client.exchange(sent) == sent);
      }
      client.finish();
      EXPECT_EQ(client.receive_all(), "");
    });
  }
  for (std::thread& client : clients) client.join();
}

struct Pass {
  std::optional<int> code;
  std::vector<Finding> findings;
  std::int64_t lost_bytes = 0;
  std::string log;
};

const std::string suppressions = CONTEND_SOURCE_DIR "/server/asio_epoll.supp";

/// The suppressions belong to one model and one pass, see the file.
std::string sanitizer_options(const std::string& model, bool io_sync) {
  if (io_sync) return "io_sync=1";
  if (model != "pool") return "io_sync=0";
  return "io_sync=0:print_suppressions=1:suppressions=" + suppressions;
}

Pass end_pass(ServerProgram& server) {
  Pass pass;
  pass.code = server.stop().code;
  pass.log = server.complaint();
  const SanitizerLog log = read_sanitizer_log(pass.log);
  EXPECT_FALSE(log.broken) << *log.broken;
  pass.findings = log.findings;
  EXPECT_EQ(server.stats().at("bytes_unaccounted"), 0);
  pass.lost_bytes = server.stats().at("counter").at("lost_bytes").to_number<std::int64_t>();
  return pass;
}

Pass run_pass(const std::string& model, const std::string& counter, bool io_sync) {
  ServerProgram server({"--model", model, "--counter", counter}, "echo-server-tsan",
                       {{"TSAN_OPTIONS", sanitizer_options(model, io_sync)}});
  load(server.port());
  return end_pass(server);
}

/// The lines of a suppression file that appear nowhere in `log`, which tells what matched, and
/// whose comment does not call them intermittent and link to the reason.
std::vector<std::string> useless_lines(const std::string& file, const std::string& log) {
  std::vector<std::string> useless;
  std::istringstream lines(file);
  bool exempt = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') {
      exempt = line.starts_with("# intermittent, https://");
      continue;
    }
    if (!exempt && log.find(line) == std::string::npos) useless.push_back(line);
    exempt = false;
  }
  return useless;
}

bool is_in(const Finding& finding, std::string_view file) {
  return std::ranges::any_of(finding.stacks, [&](const auto& stack) {
    return std::ranges::any_of(
        stack, [&](const auto& frame) { return frame.file.find(file) != std::string::npos; });
  });
}

TEST_P(Sanitized, server_is_silent_with_a_counter_that_is_right) {
  for (const std::string counter : {"mutex", "atomic"}) {
    for (const bool io_sync : {true, false}) {
      const Pass pass = run_pass(GetParam(), counter, io_sync);
      EXPECT_EQ(pass.code, 0) << counter << (io_sync ? "" : ", io_sync=0");
      EXPECT_TRUE(pass.findings.empty()) << pass.findings.front().message;
      EXPECT_EQ(pass.lost_bytes, 0);
    }
  }
}

TEST_P(Sanitized, server_is_found_out_with_the_plain_counter_if_it_has_more_than_one_thread) {
  const bool alone = GetParam() == "sequential" || GetParam() == "coroutine";
  // One byte at a time, so that the server always has something to do in every thread. The lock of
  // the pool's queue orders most additions all the same, and so hides them.
  ServerProgram server({"--model", GetParam(), "--counter", "plain", "--chunk", "1"},
                       "echo-server-tsan",
                       {{"TSAN_OPTIONS", sanitizer_options(GetParam(), false)}});
  load(server.port(), 10);
  const auto found = [&] { return server.complaint().find("data race") != std::string::npos; };
  for (int again = 0; again < 200 && !alone && !found(); ++again) load(server.port(), 10);
  const Pass pass = end_pass(server);
  EXPECT_EQ(pass.code, alone ? 0 : exit_with_findings);
  EXPECT_EQ(pass.findings.empty(), alone);
  for (const Finding& finding : pass.findings) {
    EXPECT_EQ(finding.rule, "tsan.data-race");
    EXPECT_TRUE(is_in(finding, "server/counter_plain.cpp")) << finding.message;
  }
}

TEST(Suppressions, are_all_needed) {
  std::string log;
  for (int i = 0; i < 3; ++i) log += run_pass("pool", "atomic", false).log;
  EXPECT_THAT(useless_lines(read_file(suppressions).value(), log), testing::IsEmpty()) << log;
}

TEST(Suppressions, that_matched_nothing_are_told_from_those_that_may) {
  const std::string file =
      "# why\nrace:used\nrace:useless\n# intermittent, https://example.org/1\nrace:now_and_then\n"
      "race:not_marked\n# intermittent\nrace:no_link\n";
  EXPECT_THAT(useless_lines(file, "Matched 1 suppressions:\n1 race:used\n"),
              testing::ElementsAre("race:useless", "race:not_marked", "race:no_link"));
}

CONTEND_FOR_EVERY_MODEL(Sanitized);

}  // namespace
}  // namespace contend::test
