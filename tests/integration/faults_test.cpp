// Every fault that echo-server can plant is found by loadgen, named, and located; without it the
// same load is clean. So each of the two is the other's twin.
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "core/file.hpp"

#include "tests/support/programs.hpp"

namespace contend::testing {
namespace {

struct Defect {
  std::string fault;                ///< as echo-server --fault takes it
  std::vector<std::string> causes;  ///< the metrics errors_<cause> of which one must count it
};

/// Prints the fault in the name of a failing test.
void PrintTo(const Defect& defect, std::ostream* out) {
  *out << defect.fault;
}

/// A load against the coroutine model, with what `more` adds to the server's command line.
struct Loaded {
  Ran ran;
  std::int64_t injected = 0;
};

Loaded load(const std::string& more = "", const std::string& messages = "5000") {
  const ScratchFolder folder = *ScratchFolder::make();
  const std::string server = quote_words({*find_program("echo-server"), "--model", "coroutine",
                                          "--stats", folder.path() / "stats.json"}) +
                             " --port {port} " + more;
  Loaded loaded{run_program({"loadgen", "-c", "10", "-n", messages, "--timeout", "1s", "--seed",
                             "7", "--json", "%json", "--spawn", server})};
  if (const auto text = read_file(folder.path() / "stats.json")) {
    loaded.injected = boost::json::parse(*text).at("faults_injected").to_number<std::int64_t>();
  }
  return loaded;
}

Loaded load_with(const std::string& fault, const std::string& messages = "5000") {
  return load("--fault " + fault, messages);
}

class PlantedFault : public ::testing::TestWithParam<Defect> {};

TEST_P(PlantedFault, is_found_named_and_located) {
  const auto [ran, injected] = load_with(GetParam().fault);
  EXPECT_EQ(ran.exit.code, 1) << ran.said();
  EXPECT_GT(injected, 0) << "the server never struck";
  double named = 0;
  for (const std::string& cause : GetParam().causes) named += metric(ran, "errors_" + cause);
  EXPECT_GT(named, 0) << ran.said();
  ASSERT_FALSE(ran.report->cases.at(0).findings.empty()) << ran.said();
  const std::string& message = ran.report->cases.at(0).findings.front().message;
  for (const char* place : {"client", "message", "byte"}) {
    EXPECT_NE(message.find(place), std::string::npos) << message;
  }
}

INSTANTIATE_TEST_SUITE_P(Each, PlantedFault,
                         ::testing::Values(Defect{"corrupt:0.01", {"corrupt"}},
                                           Defect{"truncate:0.002", {"truncated", "timeout"}},
                                           Defect{"duplicate:0.01", {"duplicated", "surplus"}},
                                           Defect{"reorder:0.01", {"reordered"}},
                                           Defect{"crosstalk:0.01", {"foreign"}},
                                           Defect{"drop:0.002", {"truncated", "timeout"}},
                                           Defect{"stall:0.002", {"timeout", "starved"}},
                                           Defect{"reset:0.01", {"reset"}}),
                         [](const auto& each) {
                           return each.param.fault.substr(0, each.param.fault.find(':'));
                         });

TEST(Corruption, is_reported_with_exactly_the_count_injected) {
  const auto [ran, injected] = load_with("corrupt:0.001", "50000");
  EXPECT_GT(injected, 0);
  EXPECT_EQ(metric(ran, "errors_corrupt"), static_cast<double>(injected)) << ran.said();
  EXPECT_EQ(metric(ran, "errors_total"), static_cast<double>(injected)) << ran.said();
}

TEST(SlowFault, shows_in_the_tail_and_nowhere_else) {
  const auto [ran, injected] = load_with("slow:0.02", "2000");
  EXPECT_GT(injected, 0);
  EXPECT_EQ(ran.exit.code, 0) << ran.said();
  EXPECT_GE(metric(ran, "intended_max_ns"), 100e6);
  EXPECT_LT(metric(ran, "intended_p50_ns"), 100e6);
}

TEST(LeakFault, shows_in_the_servers_memory) {
  const auto [leaking, injected] = load_with("leak:0.1", "20000");
  EXPECT_GT(injected, 1000);
  const auto [whole, none] = load("", "20000");
  EXPECT_EQ(none, 0);
  const double leaked = static_cast<double>(injected) * 64 * 1024;
  EXPECT_GT(leaking.exit.peak_rss_bytes, 0);
  EXPECT_GE(metric(leaking, "server_rss_bytes"), metric(whole, "server_rss_bytes") + leaked / 2);
}

TEST(NoFault, is_clean) {
  const auto [ran, injected] = load();
  EXPECT_EQ(ran.exit.code, 0) << ran.said();
  EXPECT_EQ(injected, 0);
  EXPECT_EQ(metric(ran, "errors_total"), 0);
}

}  // namespace
}  // namespace contend::testing
