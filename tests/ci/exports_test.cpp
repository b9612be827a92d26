// The small formats: each as approved, and read back by a reader we did not write where there is
// one.
#include <filesystem>
#include <sstream>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/histogram_codec.hpp"
#include "core/process.hpp"
#include "core/report_json.hpp"

#include "ci/render/code_quality.hpp"
#include "ci/render/github.hpp"
#include "ci/render/google_benchmark.hpp"
#include "ci/render/hlog.hpp"
#include "ci/render/openmetrics.hpp"
#include "tests/ci/approved.hpp"
#include "tests/ci/sample_reports.hpp"
#include "tests/ci/tool.hpp"

namespace contend::ci {
namespace {

Report with_latency() {
  Report report = mixed_report();
  Histogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.record(i * 1'000'000);
  report.cases[0].distributions = {to_distribution("intended", histogram)};
  return report;
}

void all_approved(const char* extension, std::string (*render)(const Report&)) {
  const std::string end = std::string(".") + extension;
  EXPECT_TRUE(is_approved("passing" + end, render(passing_report())));
  EXPECT_TRUE(is_approved("mixed" + end, render(with_latency())));
  EXPECT_TRUE(is_approved("empty" + end, render(empty_report())));
  EXPECT_TRUE(is_approved("hostile" + end, render(hostile_report())));
}

TEST(Exports, are_as_approved) {
  all_approved("annotations.txt", render_github);
  all_approved("gl-code-quality.json", render_code_quality);
  all_approved("metrics.txt", render_openmetrics);
  all_approved("benchmark.json", render_google_benchmark);
  all_approved("hlog", render_hlog);
}

TEST(GitHub, hostile_text_starts_no_second_command) {
  const std::string text = render_github(hostile_report());
  EXPECT_EQ(std::ranges::count(text, '\n'), 1) << text;
  EXPECT_NE(text.find("%250A"), std::string::npos) << "an escape in the text must not become one";
}

TEST(GitHub, of_more_than_ten_errors_the_last_says_how_many_there_are) {
  Report report = empty_report();
  for (int i = 0; i < 12; ++i) {
    report.cases.push_back({.id = fmt::format("a{}", i), .verdict = Verdict::failed});
  }
  const std::string text = render_github(report);
  EXPECT_EQ(std::ranges::count(text, '\n'), 10);
  EXPECT_NE(text.find("and 3 more"), std::string::npos) << text;
}

TEST(GitHub, a_summary_that_would_be_refused_is_cut_at_a_line) {
  Report report = empty_report();
  for (int i = 0; i < 5000; ++i) {
    report.cases.push_back({.id = fmt::format("a{}", i), .reason = std::string(300, 'x')});
  }
  const std::string text = render_summary(report);
  EXPECT_LT(text.size(), 1024U * 1024U);
  EXPECT_NE(text.find("more in the report"), std::string::npos);
  EXPECT_EQ(render_summary(mixed_report()).find("more in the report"), std::string::npos);
}

TEST(CodeQuality, has_what_gitlab_needs_and_no_expected_defect) {
  const auto tree = boost::json::parse(render_code_quality(mixed_report()));
  ASSERT_EQ(tree.as_array().size(), 1U);
  const auto& entry = tree.at(0);
  EXPECT_EQ(entry.at("location").at("path"), "races/catalogue/lost_update.cpp");
  EXPECT_EQ(entry.at("location").at("lines").at("begin"), 21);
  EXPECT_EQ(entry.at("fingerprint"), "4f1d2c");
  EXPECT_EQ(render_code_quality(passing_report()), "[]\n");
}

TEST(OpenMetrics, is_read_by_the_parser_of_prometheus) {
  const std::string import = "import sys\nfrom prometheus_client.openmetrics.parser import *\n";
  if (!ask({"/usr/bin/python3", "-c", import}, "").accepted) {
    GTEST_SKIP() << "no python3-prometheus-client";
  }
  const std::string read = import +
                           "print(sum(len(f.samples) for f in text_string_to_metric_families("
                           "open(sys.argv[1]).read())))";
  const auto judged = [&](const std::string& text) {
    return ask({"/usr/bin/python3", "-c", read, "{}"}, text);
  };
  for (const Report& report :
       {passing_report(), mixed_report(), empty_report(), hostile_report()}) {
    const Judgement judgement = judged(render_openmetrics(report));
    EXPECT_TRUE(judgement.accepted) << judgement.said;
  }
  EXPECT_EQ(judged(render_openmetrics(passing_report())).said, "9\n");
  EXPECT_FALSE(judged("contend_a 1\n").accepted) << "without its last line";
}

TEST(GoogleBenchmark, repeated_runs_are_repetitions_of_one_name) {
  Report report = passing_report();
  report.cases[1] = report.cases[0];
  report.cases[1].id += "#2";
  const auto tree = boost::json::parse(render_google_benchmark(report));
  const auto& all = tree.at("benchmarks").as_array();
  ASSERT_EQ(all.size(), 6U);
  EXPECT_EQ(all[0].at("name"), all[3].at("name"));
  EXPECT_EQ(all[3].at("repetition_index"), 1);
  EXPECT_EQ(all[0].at("name"), "loadgen/coroutine/c100/throughput_per_second");
  EXPECT_EQ(all[0].at("items_per_second"), 12315.25);
}

/// What compare.py says about two exports.
Judgement compared(const std::string& base, const std::string& now) {
  const ScratchFolder folder = ScratchFolder::make().value();
  if (!write_file(folder.path() / "base", base)) return {};
  return ask({"/usr/bin/python3", CONTEND_GBENCH_COMPARE, folder.path() / "base", "{}"}, now);
}

TEST(GoogleBenchmark, is_compared_by_its_own_tool_run_for_run) {
  const std::string passing = render_google_benchmark(passing_report());
  if (!ask({"/usr/bin/python3", "-c", "import numpy"}, "").accepted ||
      !std::filesystem::exists("/usr/share/benchmark/compare.py")) {
    GTEST_SKIP() << "no libbenchmark-tools, or no python3-numpy";
  }
  const auto recorded = [](const char* name) {
    return *load_report(std::string(CONTEND_RECORDED_DIR) + "/" + name);
  };
  const Judgement told = compared(render_google_benchmark(recorded("fast.json")),
                                  render_google_benchmark(recorded("slow.json")));
  ASSERT_TRUE(told.accepted) << told.said;
  std::istringstream lines(told.said);
  std::vector<double> changes;
  std::string name;
  double change = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    if (words >> name >> change && name == "loadgen/coroutine-c4/c4/intended_p50_ns") {
      changes.push_back(change);
    }
  }
  EXPECT_EQ(changes.size(), 10U) << "a row for each run\n" << told.said;
  EXPECT_THAT(changes, ::testing::Each(::testing::Gt(0))) << told.said;
  EXPECT_FALSE(compared(passing, "{}").accepted) << "no list of benchmarks";
}

TEST(Hlog, is_read_by_another_implementation) {
  if (npm_judge("hdr-histogram-js/package.json").empty()) {
    GTEST_SKIP() << "no hdr-histogram-js: npm could not install tests/ci/judges";
  }
  const Judgement read = ask({"node", CONTEND_HLOG_CHECK, "{}"}, render_hlog(with_latency()));
  ASSERT_TRUE(read.accepted) << read.said;
  std::string tag;
  double count = 0;
  double p99 = 0;
  double most = 0;
  std::istringstream(read.said) >> tag >> count >> p99 >> most;
  EXPECT_EQ(tag, "loadgen/coroutine/c100/intended");
  EXPECT_EQ(count, 1000);
  EXPECT_NEAR(p99, 990e6, 990e3);
  EXPECT_NEAR(most, 1000e6, 1000e3);
}

}  // namespace
}  // namespace contend::ci
