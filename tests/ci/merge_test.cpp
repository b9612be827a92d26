#include "ci/merge.hpp"

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/report_json.hpp"

#include "tests/ci/sample_reports.hpp"

namespace contend::ci {
namespace {

Report of_cases(std::vector<std::string> ids) {
  Report report = empty_report();
  for (std::string& id : ids) report.cases.push_back({.id = std::move(id)});
  return report;
}

std::vector<std::string> ids(const Report& report) {
  std::vector<std::string> all;
  for (const Case& each : report.cases) all.push_back(each.id);
  return all;
}

TEST(Merge, keeps_every_case_in_order_and_numbers_repeats) {
  const Report merged = merge({{of_cases({"a", "b"}), "x"}, {of_cases({"a", "c", "a"}), "x"}}, "x");
  EXPECT_EQ(ids(merged), (std::vector<std::string>{"a", "b", "a#2", "c", "a#3"}));
}

TEST(Merge, of_merged_reports_counts_on_and_stays_flat) {
  Report merged = of_cases({"a"});
  for (int again = 0; again < 40; ++again)
    merged = merge({{merged, "x"}, {of_cases({"a"}), "x"}}, "x");
  EXPECT_EQ(merged.cases.back().id, "a#41");
  EXPECT_EQ(merged.plan.at("parts").as_array().size(), 41U);
  const Report both = merge({{of_cases({"a", "a#2"}), "x"}, {of_cases({"a", "a#2"}), "x"}}, "x");
  EXPECT_EQ(ids(both), (std::vector<std::string>{"a", "a#2", "a#3", "a#4"}));
  EXPECT_TRUE(report_from_json(to_json(merged)));
}

TEST(Merge, leaves_a_single_report_as_it_is) {
  EXPECT_EQ(merge({{mixed_report(), "x"}}, "x"), mixed_report());
}

TEST(Merge, takes_the_worst_verdict_the_sum_of_times_and_any_interrupt) {
  const Report merged = merge({{passing_report(), "x"}, {mixed_report(), "x"}}, "x");
  EXPECT_EQ(overall(merged), Verdict::errored);
  EXPECT_TRUE(merged.interrupted);
  EXPECT_EQ(merged.elapsed_ns, 2 * passing_report().elapsed_ns);
  EXPECT_EQ(merged.plan.at("parts").as_array().size(), 2U);
}

TEST(Merge, names_artifacts_from_the_new_folder) {
  Report part = of_cases({"a"});
  part.cases[0].artifacts = {"log", "/elsewhere/log"};
  const Report merged = merge({{part, "out/steps"}}, "out");
  EXPECT_EQ(merged.cases[0].artifacts, (std::vector<std::string>{"steps/log", "/elsewhere/log"}));
  EXPECT_EQ(merge({{part, "in"}}, "").cases[0].artifacts[0], "in/log");
  EXPECT_EQ(merge({{part, "one"}}, "two").cases[0].artifacts[0], "../one/log");
}

TEST(Merge, reads_files_and_folders_and_names_the_one_that_is_no_report) {
  const ScratchFolder folder = *ScratchFolder::make();
  ASSERT_TRUE(save(of_cases({"a"}), folder.path() / "report.json"));
  ASSERT_TRUE(write_file(folder.path() / "bad.json", "{\"schema\": 7}"));
  const auto both = merge_files({folder.path(), folder.path() / "report.json"}, "");
  ASSERT_TRUE(both);
  EXPECT_EQ(ids(*both), (std::vector<std::string>{"a", "a#2"}));
  const auto bad = merge_files({folder.path(), folder.path() / "bad.json"}, "");
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().message.find("bad.json"), std::string::npos);
  EXPECT_FALSE(merge_files({folder.path() / "none.json"}, ""));
}

TEST(Merge, adds_the_shards_of_one_plan_up_to_one_case_and_leaves_other_cases_apart) {
  const ScratchFolder folder = *ScratchFolder::make();
  std::vector<std::filesystem::path> files;
  for (int i = 0; i < 3; ++i) {
    Report shard = of_cases({"loadgen/echo/c6"});
    shard.cases[0].verdict = Verdict::passed;
    shard.cases[0].metrics = {{.name = "messages_sent", .value = 10.0 + i}};
    shard.plan = {{"seed", 1}, {"shard", {{"index", i}, {"of", 3}}}};
    files.push_back(folder.path() / std::to_string(i));
    ASSERT_TRUE(save(shard, files.back()));
  }
  files.insert(files.begin() + 1, folder.path() / "other");
  ASSERT_TRUE(save(of_cases({"loadgen/echo/c6"}), files[1]));
  const auto merged = merge_files(files, "");
  ASSERT_TRUE(merged) << merged.error().message;
  EXPECT_EQ(ids(*merged), (std::vector<std::string>{"loadgen/echo/c6", "loadgen/echo/c6#2"}));
  EXPECT_EQ(find_metric(merged->cases[0], "messages_sent")->value, 33);
  EXPECT_EQ(find_metric(merged->cases[0], "rank1_messages_sent")->value, 11);
  const auto twice = merge_files({files[0], files[0]}, "");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().message, "loadgen/echo/c6: there are two reports of rank 0");
}

}  // namespace
}  // namespace contend::ci
