// The files of a run besides its report.
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/histogram_codec.hpp"

#include "loadgen/progress.hpp"
#include "tests/loadgen/loadgen_run.hpp"
#include "tests/support/scripted_server.hpp"

namespace contend::loadgen {
namespace {

using support::ScriptedServer;

TEST(Output, the_hdr_log_holds_what_the_report_holds) {
  ScriptedServer server(support::echo);
  const ScratchFolder folder = *ScratchFolder::make();
  const auto file = folder.path() / "run.hlog";
  const Ran ran = run_loadgen(
      {"-c", "2", "-n", "200", "-R", "2000", "--hdr-log", file.string(), server.target()});
  const std::string text = *read_file(file);
  for (const char* name : {"intended", "service", "lag"}) {
    const auto line = text.find(std::string("Tag=") + name + ",");
    ASSERT_NE(line, std::string::npos) << text;
    const std::string row = text.substr(line, text.find('\n', line) - line);
    const auto histogram = decode_histogram(row.substr(row.rfind(',') + 1));
    ASSERT_TRUE(histogram);
    EXPECT_EQ(histogram->count(), 200U);
  }
}

TEST(Output, the_stream_has_one_object_a_line_and_loses_no_message) {
  ScriptedServer server(support::echo);
  const ScratchFolder folder = *ScratchFolder::make();
  const auto file = folder.path() / "stream";
  const Ran ran =
      run_loadgen({"-c", "2", "-d", "1500ms", "--json-stream", file.string(), server.target()});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  const std::string text = *read_file(file);
  double answered = 0;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    const auto object = boost::json::parse(text.substr(at, text.find('\n', at) - at)).as_object();
    answered += object.at("answered").to_number<double>();
    EXPECT_TRUE(object.contains("p99_ns"));
  }
  EXPECT_EQ(answered, ran.metric("messages_answered"));
}

TEST(Output, the_progress_line_says_rate_latency_errors_and_time_left) {
  Plan plan;
  plan.duration = std::chrono::seconds(10);
  Interval interval{.t = 3, .seconds = 1, .answered = 1234, .errors = 2};
  interval.latency.record(80'000, 1234);
  EXPECT_EQ(text_line(interval, plan),
            "    3 s  1,234 messages/s  p50 80 us  p99 80 us  2 errors  7 s left");
}

TEST(Output, a_difference_of_histograms_is_what_came_between) {
  Histogram before;
  before.record(1000, 5);
  Histogram now = before;
  now.record(2000, 3);
  EXPECT_EQ(difference(now, before).count(), 3U);
  EXPECT_EQ(difference(now, before).quantile(0.5), 2000);
}

}  // namespace
}  // namespace contend::loadgen
