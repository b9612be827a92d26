// The files of a run besides its report.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/histogram_codec.hpp"
#include "core/process.hpp"

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
  const Ran ran = run_loadgen({"-c", "2", "-n", "200", "-R", "2000", "--warmup", "0", "--hdr-log",
                               file.string(), server.target()});
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

TEST(Output, the_hdr_log_is_read_by_an_implementation_that_is_not_ours) {
  const std::filesystem::path judges = CONTEND_JUDGES_DIR;
  if (!std::filesystem::exists(judges / "node_modules/hdr-histogram-js/package.json")) {
    GTEST_SKIP() << "no hdr-histogram-js: npm could not install tests/ci/judges";
  }
  ScriptedServer server(support::echo);
  const ScratchFolder folder = *ScratchFolder::make();
  const auto file = folder.path() / "run.hlog";
  const Ran ran = run_loadgen(
      {"-c", "2", "-n", "2000", "-R", "4000", "--hdr-log", file.string(), server.target()});
  const auto read = run({.argv = {"node", judges / "hlog.cjs", file.string()},
                         .stdout_to = folder.path() / "read",
                         .stderr_to = folder.path() / "said"},
                        std::chrono::seconds(60));
  ASSERT_TRUE(read && read->ok()) << read_file(folder.path() / "said").value();
  std::istringstream lines(read_file(folder.path() / "read").value());
  for (const std::string name : {"intended", "service", "lag"}) {
    std::string tag;
    double count = 0;
    double p99 = 0;
    double most = 0;
    lines >> tag >> count >> p99 >> most;
    EXPECT_EQ(tag, name);
    const auto& all = ran.only().distributions;
    const auto ours = std::ranges::find(all, name, &Distribution::name);
    ASSERT_NE(ours, all.end()) << name;
    EXPECT_GT(count, 0) << name;
    EXPECT_EQ(count, static_cast<double>(ours->count)) << name;
    // Three digits, and the reader gives the upper end of a bucket. The report's own p99 is n/a
    // where the answers came too much together to carry one.
    const auto& metrics = ran.only().metrics;
    const auto told = std::ranges::find(metrics, name + "_p99_ns", &Metric::name);
    ASSERT_NE(told, metrics.end()) << name;
    if (told->value) {
      EXPECT_NEAR(p99, *told->value, 0.002 * p99) << name;
    }
    const Expected<Histogram> counted = from_distribution(*ours);
    ASSERT_TRUE(counted) << name;
    EXPECT_NEAR(p99, static_cast<double>(counted->quantile(0.99)), 0.002 * p99) << name;
    EXPECT_NEAR(most, static_cast<double>(ours->max), 0.002 * most) << name;
  }
}

TEST(Output, the_stream_has_one_object_a_line_and_loses_no_message) {
  ScriptedServer server(support::echo);
  const ScratchFolder folder = *ScratchFolder::make();
  const auto file = folder.path() / "stream";
  const Ran ran =
      run_loadgen({"-c", "2", "-d", "1500ms", "--json-stream", file.string(), server.target()});
  EXPECT_EQ(ran.exit.code, 0) << ran.text;
  EXPECT_EQ(sum_of_stream(*read_file(file), "answered"), ran.metric("messages_answered"));
}

TEST(Output, the_progress_line_says_rate_latency_errors_and_time_left) {
  Plan plan;
  plan.duration = std::chrono::seconds(10);
  Interval interval{.t = 3, .seconds = 1, .answered = 1234, .errors = 2};
  interval.latency.record(80'000, 1234);
  EXPECT_EQ(text_line(interval, plan),
            "    3 s  1,234 messages/s  p50 80 us  p99 80 us  2 errors  7 s left");
}

TEST(Output, where_nobody_sits_at_a_terminal_a_line_comes_now_and_then) {
  Plan plan;
  Observer observer(1);
  Tally tally;
  tally.answered = tally.sent = 1000;
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  const auto size = [file] { return std::ftell(file); };
  const auto deadline = Clock::now() + std::chrono::seconds(60);
  {
    observer.publish(0, tally, false);
    const Progress progress(plan, observer, nullptr, file, std::chrono::seconds(2));
    while (size() == 0 && Clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  std::rewind(file);
  char line[200]{};
  ASSERT_NE(std::fgets(line, sizeof line, file), nullptr);
  std::fclose(file);
  const std::string text = line;
  EXPECT_NE(text.find(" messages/s  p50 "), std::string::npos) << text;
  EXPECT_EQ(text.find('\r'), std::string::npos) << "it is a log";
  EXPECT_EQ(text.back(), '\n');
}

TEST(Output, a_part_of_a_plan_says_nothing_by_itself) {
  Plan plan;
  plan.shard = {0, 2};
  Observer observer(1);
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  {
    const Progress progress(plan, observer, nullptr, file, std::chrono::nanoseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  }
  EXPECT_EQ(std::ftell(file), 0);
  std::fclose(file);
}

/// What a user sees: the verdict first, and the end of it without scrolling.
void expect_short(const Ran& ran) {
  std::string verdict = to_string(overall(ran.report));
  std::ranges::transform(verdict, verdict.begin(), [](unsigned char c) { return std::toupper(c); });
  EXPECT_EQ(ran.text.find(verdict), 0U) << ran.text;
  EXPECT_LE(std::ranges::count(ran.text, '\n'), 25) << ran.text;
}

TEST(Output, the_summary_begins_with_the_verdict_and_has_25_lines_at_most) {
  ScriptedServer server(support::echo);
  expect_short(run_loadgen({"-n", "500", server.target()}));
  expect_short(run_loadgen(
      {"-d", "500ms", "-R", "500", "--warmup", "100ms", "--assert", "p99<1ns", server.target()}));
  // One of each fault that a stream can have.
  ScriptedServer broken([](support::Peer& peer) {
    for (std::string message = peer.read_exactly(64); message.size() == 64;
         message = peer.read_exactly(64)) {
      switch (peer.number() % 5) {
        case 0:
          peer.write(std::string(64, 'x'));
          break;
        case 1:
          peer.write(message + message);
          break;
        case 2:
          peer.write(message.substr(32) + message.substr(0, 32));
          break;
        case 3:
          peer.write(message.substr(0, 60));
          return;
        default:
          peer.reset();
          return;
      }
    }
  });
  expect_short(run_loadgen({"-c", "20", "-n", "500", "--timeout", "500ms", broken.target()}));
  const Ran most = run_loadgen(
      {"-c", "2", "-d", "100ms", "-R", "100", "--find-max", "errors==0", server.target()});
  expect_short(most);
}

Snapshot recorded(std::uint64_t answered, std::int64_t latency_ns) {
  Snapshot snapshot{.sent = answered + 1, .answered = answered, .errors = 2, .latency = {}};
  snapshot.latency.record(latency_ns, answered);
  return snapshot;
}

TEST(Output, figures_of_parts_add_up_as_text_and_as_numbers) {
  const Snapshot one = recorded(7, 80'000);
  const Snapshot other = recorded(5, 3'000'000);
  Snapshot sum = one;
  sum.add(other);
  EXPECT_EQ(snapshot_from(to_text(sum))->latency.counts(), sum.latency.counts());
  EXPECT_EQ(snapshot_from(to_text(sum))->sent, 14U);
  std::vector<std::uint64_t> numbers = to_numbers(one);
  const std::vector<std::uint64_t> more = to_numbers(other);
  ASSERT_EQ(numbers.size(), more.size());
  EXPECT_LT(numbers.size() * sizeof numbers[0], 5000U);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] += more[i];
  EXPECT_EQ(numbers, to_numbers(sum));
  const Snapshot again = snapshot_from(numbers);
  EXPECT_EQ(again.answered, 12U);
  EXPECT_EQ(again.errors, 4U);
  EXPECT_EQ(again.latency.count(), 12U);
  for (const double q : {0.5, 0.99}) {
    EXPECT_GE(again.latency.quantile(q), sum.latency.quantile(q));
    EXPECT_LT(static_cast<double>(again.latency.quantile(q)),
              1.07 * static_cast<double>(sum.latency.quantile(q)));
  }
  for (const char* wrong : {"", "1 2", "1 2 3 rubbish", "rubbish"}) {
    EXPECT_FALSE(snapshot_from(std::string(wrong))) << wrong;
  }
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
