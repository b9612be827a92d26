#include "ci/gate.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/file.hpp"

#include "ci/render/tables.hpp"
#include "tests/ci/sample_reports.hpp"

namespace contend::ci {
namespace {

Verdict gated(const Report& report, const Gate& gate) {
  return overall(judge_gate(report, gate));
}

Limit limit(const char* text) {
  const auto parsed = parse_limit(text);
  EXPECT_TRUE(parsed) << text << ": " << parsed.error().message;
  return parsed ? *parsed : Limit{};
}

/// One case, failed by one finding.
Report with_race() {
  Report report = mixed_report();
  report.interrupted = false;
  report.cases = {report.cases[1]};
  report.cases[0].outcomes.clear();
  return report;
}

TEST(Limit, reads_names_units_and_cases) {
  EXPECT_EQ(limit("p99<5ms").metric, "intended_p99_ns");
  EXPECT_EQ(limit("p99<=5ms").value, 5e6);
  EXPECT_EQ(limit("p90<=5ms").metric, "intended_p90_ns");
  EXPECT_EQ(limit("p999<=5ms").metric, limit("p99.9<=5ms").metric);
  EXPECT_EQ(limit("rate>=10k").value, 10'000);
  EXPECT_FALSE(limit("rate>=10k").at_most);
  EXPECT_EQ(limit("loss_rate<=0.25").value, 0.25);
  EXPECT_EQ(limit("loadgen/*:errors<=0").cases, "loadgen/*");
  for (const char* bad : {"p99", "p99<", "<5", "p99<5 apples", "rate>=fast", "errors<=1e999"}) {
    EXPECT_FALSE(parse_limit(bad)) << bad;
  }
}

TEST(Limit, a_star_stands_for_any_text) {
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("loadgen/*/c100", "loadgen/pool/c100"));
  EXPECT_TRUE(matches("*a*b", "xaxbxb"));
  EXPECT_FALSE(matches("loadgen/*/c100", "loadgen/pool/c10"));
  EXPECT_FALSE(matches("a", "ab"));
}

TEST(Limit, a_broken_one_fails_a_held_one_passes_and_one_without_data_is_inconclusive) {
  EXPECT_EQ(hold(limit("p99<=5ms"), passing_report()).verdict, Verdict::passed);
  const Case broken = hold(limit("p99<=4ms"), passing_report());
  EXPECT_EQ(broken.verdict, Verdict::failed);
  EXPECT_NE(broken.reason.find("4.21 ms"), std::string::npos) << broken.reason;
  EXPECT_EQ(hold(limit("p999<=1s"), passing_report()).verdict, Verdict::inconclusive);
  EXPECT_EQ(hold(limit("nobody/*:p99<=1s"), passing_report()).verdict, Verdict::inconclusive);
}

TEST(Limit, less_and_more_leave_the_value_itself_out) {
  EXPECT_EQ(hold(limit("errors<1"), passing_report()).verdict, Verdict::passed);
  EXPECT_EQ(hold(limit("errors<0"), passing_report()).verdict, Verdict::failed);
  EXPECT_EQ(hold(limit("errors<=0"), passing_report()).verdict, Verdict::passed);
  EXPECT_EQ(hold(limit("messages_answered>10k"), passing_report()).verdict, Verdict::failed);
  EXPECT_EQ(hold(limit("messages_answered>=10k"), passing_report()).verdict, Verdict::passed);
  EXPECT_EQ(to_string(limit("errors<1")), "*:errors_total<1");
  EXPECT_EQ(to_string(limit("rate>=1")), "*:throughput_per_second>=1");
}

TEST(Gate, a_good_report_passes_and_its_own_limits_count) {
  EXPECT_EQ(gated(passing_report(), {}), Verdict::passed);
  Report slow = passing_report();
  slow.cases[0].metrics[4].limit = 4'000'000;
  EXPECT_EQ(gated(slow, {}), Verdict::failed);
}

TEST(Gate, a_new_finding_fails_and_a_known_one_does_not) {
  EXPECT_EQ(gated(with_race(), {}), Verdict::failed);
  EXPECT_EQ(gated(with_race(), {.known = {"4f1d2c"}}), Verdict::passed);
  EXPECT_EQ(gated(with_race(), {.known = {"other"}}), Verdict::failed);
  EXPECT_EQ(gated(with_race(), {.baseline = with_race()}), Verdict::passed);
}

TEST(Gate, a_known_finding_excuses_nothing_else) {
  Report lost = with_race();
  lost.cases[0].outcomes = {{"1", 1, Grade::forbidden, "lost"}};
  EXPECT_EQ(gated(lost, {.known = {"4f1d2c"}}), Verdict::failed);
  Report errors = with_race();
  errors.cases[0].metrics = {{"errors_total", 3, "", Better::lower, {}, {}}};
  EXPECT_EQ(gated(errors, {.known = {"4f1d2c"}}), Verdict::failed);
}

/// A case of loadgen whose server's sanitizer has reported something.
Report with_metrics(std::vector<Metric> metrics) {
  Report report = with_race();
  report.cases[0].metrics = std::move(metrics);
  return report;
}

TEST(Gate, a_known_finding_excuses_no_other_fault_that_a_metric_tells_of) {
  const auto metric = [](const char* name, std::optional<double> value) {
    return Metric{.name = name, .value = value, .better = Better::lower};
  };
  const Metric sent = metric("bytes_sent", 640);
  Metric slow{.name = "intended_p99_ns", .value = 7e6, .better = Better::lower, .limit = 5e6};
  const std::vector<std::vector<Metric>> faults{
      {metric("messages_unfinished", 1)},     {metric("messages_unsent", 2)},
      {metric("server_exit_code", 1)},        {metric("server_exit_signal", 6)},
      {sent, metric("server_bytes_in", 600)}, {slow}};
  for (const auto& fault : faults) {
    const Report judged = judge_gate(with_metrics(fault), {.known = {"4f1d2c"}});
    EXPECT_EQ(judged.cases[0].verdict, Verdict::failed) << fault.back().name;
  }
  slow.value = 4e6;
  const std::vector<Metric> clean{metric("errors_total", 0),
                                  metric("messages_unfinished", 0),
                                  metric("messages_unsent", 0),
                                  metric("server_exit_code", 66),
                                  sent,
                                  metric("server_bytes_in", 640),
                                  slow};
  EXPECT_EQ(gated(with_metrics(clean), {.known = {"4f1d2c"}}), Verdict::passed);
  const std::vector<Metric> rude{sent, metric("server_bytes_in", 700),
                                 metric("beside_p99_ns", 1e6)};
  EXPECT_EQ(gated(with_metrics(rude), {.known = {"4f1d2c"}}), Verdict::passed);
  const std::vector<Metric> no_stats{sent, metric("server_bytes_in", std::nullopt)};
  EXPECT_EQ(gated(with_metrics(no_stats), {.known = {"4f1d2c"}}), Verdict::passed);
}

TEST(Gate, a_known_finding_does_not_excuse_an_outcome_that_nobody_foresaw) {
  Report report = with_race();
  report.cases[0].outcomes = {{"hung", 1, Grade::unknown, ""}};
  EXPECT_EQ(gated(report, {.known = {"4f1d2c"}}), Verdict::failed);
  report.cases[0].outcomes[0].count = 0;
  EXPECT_EQ(gated(report, {.known = {"4f1d2c"}}), Verdict::passed);
}

TEST(Gate, an_expected_defect_is_no_new_finding) {
  ASSERT_EQ(passing_report().cases[1].findings[0].level, Level::note);
  EXPECT_EQ(gated(passing_report(), {}), Verdict::passed);
}

TEST(Gate, a_case_that_vanished_fails) {
  Report less = passing_report();
  less.cases.pop_back();
  const Report judged = judge_gate(less, {.baseline = passing_report()});
  EXPECT_EQ(
      std::ranges::count(judged.cases, "gate/missing/races/lost_update/plain/tsan", &Case::id), 1);
  EXPECT_EQ(overall(judged), Verdict::failed);
}

TEST(Gate, a_metric_that_got_worse_over_enough_runs_fails) {
  const auto runs = [](double level) {
    Report report = passing_report();
    report.cases.clear();
    for (int i = 0; i < 6; ++i) {
      Case each{.id = i == 0 ? "a" : fmt::format("a#{}", i + 1), .verdict = Verdict::passed};
      each.metrics = {{"p99_ns", level + i, "ns", Better::lower, {}, {}}};
      report.cases.push_back(each);
    }
    return report;
  };
  EXPECT_EQ(gated(runs(1000), {.baseline = runs(1000)}), Verdict::passed);
  EXPECT_EQ(gated(runs(1100), {.baseline = runs(1000)}), Verdict::failed);
  EXPECT_EQ(gated(runs(900), {.baseline = runs(1000)}), Verdict::passed) << "better is no failure";
}

TEST(Gate, every_change_is_shown_and_what_cannot_be_judged_stops_nobody) {
  Report slower = passing_report();
  slower.cases[0].metrics[3].value = 2'024'000;
  const Report judged = judge_gate(slower, {.baseline = passing_report()});
  EXPECT_EQ(overall(judged), Verdict::passed);
  const std::vector<ChangeRow> rows = changes_of(judged);
  const auto p50 = std::ranges::find(rows, "intended_p50_ns", &ChangeRow::metric);
  ASSERT_NE(p50, rows.end());
  EXPECT_EQ(p50->of, "loadgen/coroutine/c100");
  EXPECT_EQ(p50->change, "+10.0 %");
  EXPECT_TRUE(p50->judgement.starts_with("inconclusive: 1.84 ms -> 2.02 ms")) << p50->judgement;
}

TEST(Gate, a_baseline_that_was_gated_itself_has_no_cases_to_miss) {
  const Report gated_before =
      judge_gate(passing_report(), {.limits = {limit("p99<=5ms")}, .baseline = passing_report()});
  EXPECT_EQ(gated(passing_report(), {.baseline = gated_before}), Verdict::passed);
}

TEST(Gate, an_empty_report_is_not_green) {
  EXPECT_EQ(gated(empty_report(), {}), Verdict::inconclusive);
}

TEST(KnownFindings, need_a_reason_each) {
  const ScratchFolder folder = ScratchFolder::make().value();
  const auto path = folder.path() / "known";
  ASSERT_TRUE(
      write_file(path, "# reviewed\n\n4f1d2c  a statistics counter, read for display only\n"));
  EXPECT_EQ(*load_known_findings(path), Fingerprints{"4f1d2c"});
  ASSERT_TRUE(write_file(path, "# reviewed\n4f1d2c\n"));
  const auto bare = load_known_findings(path);
  ASSERT_FALSE(bare);
  EXPECT_EQ(bare.error().kind, ErrorKind::usage);
  EXPECT_NE(bare.error().message.find("known:2"), std::string::npos) << bare.error().message;
  EXPECT_FALSE(load_known_findings(folder.path() / "none"));
}

}  // namespace
}  // namespace contend::ci
