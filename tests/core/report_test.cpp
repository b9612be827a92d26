#include "core/report.hpp"

#include <filesystem>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/report_json.hpp"
#include "core/summary.hpp"

namespace contend {
namespace {

Report full_report() {
  Report report;
  report.tool = "loadgen";
  report.version = "0.1.0";
  report.started_utc = "2026-11-23T10:00:00Z";
  report.elapsed_ns = 12'345'678'901;
  report.host.cpus = 2;
  report.plan["connections"] = 100;
  report.plan["targets"] = boost::json::array{"tcp://127.0.0.1:1"};
  Case each;
  each.id = "loadgen/coroutine/c100";
  each.source = Source{"server/coroutine.cpp", 12};
  each.verdict = Verdict::failed;
  each.reason = "a \"reason\" with\nnewline and \x01 and ü";
  each.outcomes = {{"1", 9'007'199'254'740'991, Grade::forbidden, "an update was lost"}};
  each.metrics = {{"p99", 1.5, "ns", Better::lower, 2.5, std::nullopt},
                  {"p999", std::nullopt, "ns", Better::lower, std::nullopt, "needs 5666 samples"}};
  each.distributions = {{"intended", "ns", 3, 1, 9, 4.25, "HISTF"}};
  each.series = {{"rate", "messages/s", {{0, 10}, {1, 12.5}}}};
  each.findings = {{"tsan.data-race",
                    Level::note,
                    "race on n",
                    {{{"add", "a.cpp", 7}}, {{"add", "a.cpp", 8}}},
                    {"write", "read"},
                    2,
                    "ab12"}};
  each.lanes = {{-1, "2 earlier steps", "", 0, "", false},
                {1, "locks", "a.cpp", 7, "m.lock();", true}};
  each.artifacts = {"server.log"};
  report.cases = {each};
  return report;
}

TEST(ReportJson, survives_the_way_through_text) {
  const Report report = full_report();
  const auto back = report_from_json(to_json(report));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, report);
}

TEST(ReportJson, writes_every_member_with_null_for_what_is_not_there) {
  Report report;
  report.cases.emplace_back();
  report.cases[0].metrics.emplace_back();
  const auto tree = boost::json::parse(to_json(report));
  const auto& first = tree.at("cases").at(0);
  EXPECT_TRUE(first.at("source").is_null());
  EXPECT_TRUE(first.at("findings").is_array());
  EXPECT_TRUE(first.at("metrics").at(0).at("value").is_null());
  EXPECT_TRUE(first.at("metrics").at(0).at("limit").is_null());
}

TEST(ReportJson, keeps_whole_numbers_whole) {
  const auto tree = boost::json::parse(to_json(full_report()));
  EXPECT_TRUE(tree.at("elapsed_ns").is_int64());
  EXPECT_TRUE(tree.at("cases").at(0).at("series").at(0).at("points").at(0).at(1).is_int64());
  EXPECT_TRUE(tree.at("cases").at(0).at("metrics").at(0).at("value").is_double());
}

TEST(ReportJson, fills_what_is_missing_and_drops_what_it_does_not_know) {
  const auto report =
      report_from_json(R"({"schema":"contend.report/1","future":{"a":1},"cases":[{"id":"x"}]})");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->cases.at(0).id, "x");
  EXPECT_EQ(report->cases.at(0).verdict, Verdict::inconclusive);
}

TEST(ReportJson, names_what_has_the_wrong_type) {
  const auto bad = report_from_json(R"({"schema":"contend.report/1","cases":[{"id":7}]})");
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().message.find("cases.id"), std::string::npos) << bad.error().message;
  EXPECT_FALSE(report_from_json("{"));
  EXPECT_FALSE(report_from_json("[]"));
  EXPECT_FALSE(report_from_json("{}")) << "no schema";
  EXPECT_FALSE(
      report_from_json(R"({"schema":"contend.report/1","cases":[{"metrics":[{"value":1e999}]}]})"));
  EXPECT_FALSE(report_from_json(R"({"schema":"contend.report/2"})"));
}

TEST(ReportJson, survives_every_truncation) {
  const std::string text = to_json(full_report());
  for (std::size_t length = 0; length + 2 < text.size(); length += 7) {
    EXPECT_FALSE(report_from_json(text.substr(0, length))) << length;
  }
}

using ReportJsonDeathTest = ::testing::Test;

TEST(ReportJsonDeathTest, a_number_that_is_not_finite_is_a_bug) {
  Report report;
  report.cases.emplace_back().metrics.push_back({.name = "bad", .value = 0.0 / 0.0});
  EXPECT_DEATH(to_json(report), "isfinite");
}

TEST(Verdict, a_merge_takes_the_worst_and_empty_is_never_green) {
  Report report;
  EXPECT_EQ(overall(report), Verdict::inconclusive);
  EXPECT_EQ(exit_code(report), 2);
  report.cases.resize(3);
  for (Case& each : report.cases) each.verdict = Verdict::passed;
  EXPECT_EQ(exit_code(report), 0);
  report.cases[1].verdict = Verdict::inconclusive;
  EXPECT_EQ(exit_code(report), 2);
  report.cases[2].verdict = Verdict::failed;
  EXPECT_EQ(exit_code(report), 1);
  report.cases[0].verdict = Verdict::errored;
  EXPECT_EQ(exit_code(report), 3);
  report.interrupted = true;
  EXPECT_EQ(exit_code(report), 130);
}

TEST(Summary, says_the_verdict_first_then_a_line_a_case) {
  Report report = full_report();
  report.cases.push_back({.id = "races/x", .verdict = Verdict::passed, .reason = "fine"});
  const std::string text = summary(report, false);
  EXPECT_TRUE(text.starts_with("FAILED  1 failed, 1 passed, 12.3 s\n")) << text;
  EXPECT_NE(text.find("tsan.data-race: race on n"), std::string::npos) << text;
  EXPECT_EQ(text.find('\033'), std::string::npos);
  EXPECT_NE(summary(report, true).find("\033[31m"), std::string::npos);
}

TEST(Summary, shows_nothing_from_outside_raw) {
  const std::string text = summary(full_report(), false);
  EXPECT_EQ(text.find('\x01'), std::string::npos);
  EXPECT_NE(text.find("\\x01"), std::string::npos) << text;
}

TEST(Save, leaves_nothing_behind_when_it_fails) {
  const auto folder = ScratchFolder::make();
  ASSERT_TRUE(folder);
  EXPECT_TRUE(save(full_report(), folder->path() / "report.json"));
  EXPECT_EQ(*load_report(folder->path() / "report.json"), full_report());
  const auto failed = save(full_report(), folder->path() / "no" / "report.json");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::world);
  const auto files = std::distance(std::filesystem::directory_iterator(folder->path()), {});
  EXPECT_EQ(files, 1);
}

}  // namespace
}  // namespace contend
