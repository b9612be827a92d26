#include "ci/render/sarif.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "core/file.hpp"

#include "tests/ci/approved.hpp"
#include "tests/ci/sample_reports.hpp"
#include "tests/ci/tool.hpp"

namespace contend::ci {
namespace {

/// With a source tree that holds the lines which the samples' race points at.
class Sarif : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto folder = folder_.path() / "races/catalogue";
    std::filesystem::create_directories(folder);
    std::string text;
    for (int i = 1; i <= 30; ++i) text += i == 21 ? "    n += 1;  // größer\n" : "//\n";
    ASSERT_TRUE(write_file(folder / "lost_update.cpp", text));
  }

  std::string render(const Report& report) {
    Sources sources(folder_.path());
    return render_sarif(report, sources);
  }

  boost::json::value run_of(const Report& report) {
    return boost::json::parse(render(report)).at("runs").at(0);
  }

  ScratchFolder folder_ = ScratchFolder::make().value();
};

TEST_F(Sarif, is_as_approved) {
  EXPECT_TRUE(is_approved("passing.sarif", render(passing_report())));
  EXPECT_TRUE(is_approved("mixed.sarif", render(mixed_report())));
  EXPECT_TRUE(is_approved("empty.sarif", render(empty_report())));
  EXPECT_TRUE(is_approved("hostile.sarif", render(hostile_report())));
}

TEST_F(Sarif, follows_the_official_schema_and_what_code_scanning_asks_for) {
  const std::string judge = npm_judge("@microsoft/sarif-multitool-linux/Sarif.Multitool");
  if (judge.empty()) GTEST_SKIP() << "no sarif-multitool: npm could not install tests/ci/judges";
  const auto judged = [&](const std::string& text) {
    return ask(
        {"sh", "-c",
         "cp \"$2\" \"$2.sarif\" && exec \"$1\" validate \"$2.sarif\" --rule-kind 'Sarif;Ghas'",
         "sh", judge, "{}"},
        text);
  };
  for (const Report& report :
       {passing_report(), mixed_report(), empty_report(), hostile_report()}) {
    const Judgement judgement = judged(render(report));
    EXPECT_TRUE(judgement.accepted) << judgement.said;
    EXPECT_EQ(judgement.said.find(": error "), std::string::npos) << judgement.said;
  }
  const Judgement refused = judged(R"({"version": "2.1.0", "runs": [{}]})");
  EXPECT_TRUE(!refused.accepted || refused.said.find(": error ") != std::string::npos)
      << refused.said;
}

TEST_F(Sarif, shows_both_stacks_of_a_race_as_thread_flows) {
  const auto result = run_of(mixed_report()).at("results").at(0);
  const auto& flows = result.at("codeFlows").at(0).at("threadFlows").as_array();
  ASSERT_EQ(flows.size(), 2U);
  EXPECT_EQ(flows[0].at("id"), "1. write of 4 bytes by thread T1");
  const auto& first = flows[0].at("locations").as_array();
  EXPECT_EQ(first.front().at("location").at("message").at("text"), "main") << "outermost first";
  EXPECT_EQ(first.back().at("importance"), "essential");
  EXPECT_EQ(result.at("stacks").as_array().size(), 2U);
  EXPECT_EQ(result.at("occurrenceCount"), 3);
  EXPECT_EQ(result.at("partialFingerprints").at("primaryLocationLineHash"), "4f1d2c");
}

TEST_F(Sarif, annotates_the_line_with_a_relative_path_and_a_whole_region) {
  const auto result = run_of(mixed_report()).at("results").at(0);
  const auto& place = result.at("locations").at(0).at("physicalLocation");
  EXPECT_EQ(place.at("artifactLocation").at("uri"), "races/catalogue/lost_update.cpp");
  const auto& region = place.at("region");
  EXPECT_EQ(region.at("startLine"), 21);
  EXPECT_EQ(region.at("endColumn"), 23) << "characters, not bytes";
  EXPECT_EQ(region.at("snippet").at("text"), "    n += 1;  // größer");
}

TEST_F(Sarif, one_race_seen_by_two_cases_is_one_result_of_the_worse_level) {
  Report report = passing_report();
  report.cases.push_back(mixed_report().cases[1]);
  const auto results = run_of(report).at("results").as_array();
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].at("occurrenceCount"), 6);
  EXPECT_EQ(results[0].at("level"), "error");
}

TEST_F(Sarif, paths_are_normal_and_encoded) {
  Report report = mixed_report();
  Frame& frame = report.cases[1].findings[0].stacks[0][0];
  const auto uri = [&](const std::string& file) {
    frame.file = file;
    return run_of(report)
        .at("results")
        .at(0)
        .at("locations")
        .at(0)
        .at("physicalLocation")
        .at("artifactLocation")
        .at("uri");
  };
  EXPECT_EQ(uri("./././a b.cpp"), "a%20b.cpp");
  report.cases[1].findings[0].stacks[0].resize(1);
  EXPECT_EQ(uri("/usr/bin/../lib/x.h"), "file:///usr/lib/x.h");
}

}  // namespace
}  // namespace contend::ci
