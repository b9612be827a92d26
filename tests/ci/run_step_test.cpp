// Steps that go well and steps that go wrong, played by shell scripts.
#include "ci/run_step.hpp"

#include <chrono>

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/report_json.hpp"

#include "ci/expect.hpp"
#include "tests/ci/sample_reports.hpp"

namespace contend::ci {
namespace {

using namespace std::chrono_literals;

class RunStep : public ::testing::Test {
 protected:
  /// A step that runs a script, which finds in $READY a report made beforehand and in $REPORT the
  /// place where its own should be.
  Step step(const std::string& script, const Report& ready = passing_report()) {
    EXPECT_TRUE(save(ready, folder_.path() / "ready.json"));
    return {.name = "fake",
            .title = "a fake",
            .command = {.argv = {"sh", "-c", script},
                        .env = {{"READY", folder_.path() / "ready.json"},
                                {"REPORT", folder_.path() / "fake.json"}}},
            .report = folder_.path() / "fake.json",
            .log = folder_.path() / "fake.log"};
  }

  /// The errored case that a broken step must end in.
  static Case broken(const StepResult& result) {
    EXPECT_FALSE(result.report.cases.empty());
    if (result.report.cases.empty()) return {};
    const Case last = result.report.cases.back();
    EXPECT_EQ(last.id, "contend/fake");
    EXPECT_EQ(last.verdict, Verdict::errored);
    EXPECT_FALSE(last.reproduce.empty());
    return last;
  }

  ScratchFolder folder_ = *ScratchFolder::make();
};

TEST_F(RunStep, brings_back_what_the_step_reported_with_its_log) {
  const StepResult result = run_step(step("cp $READY $REPORT; echo done"));
  ASSERT_EQ(result.report.cases.size(), 2U);
  EXPECT_EQ(result.report.cases[1].artifacts, std::vector<std::string>{"fake.log"});
  EXPECT_EQ(overall(result.report), Verdict::passed);
  EXPECT_EQ(*read_file(folder_.path() / "fake.log"), "done\n");
}

TEST_F(RunStep, a_failed_report_is_no_broken_step) {
  Report failed = passing_report();
  failed.cases[0].verdict = Verdict::failed;
  const StepResult result = run_step(step("cp $READY $REPORT; exit 1", failed));
  EXPECT_EQ(result.report.cases.size(), 2U);
  EXPECT_EQ(overall(result.report), Verdict::failed);
}

TEST_F(RunStep, a_crash_keeps_what_was_reported_and_tells_the_signal_and_the_last_words) {
  const Case last = broken(run_step(step("cp $READY $REPORT; echo so long >&2; kill -SEGV $$")));
  EXPECT_NE(last.reason.find("signal 11"), std::string::npos) << last.reason;
  EXPECT_NE(last.reason.find("so long"), std::string::npos) << last.reason;
}

TEST_F(RunStep, a_hang_ends_at_the_budget) {
  Step hanging = step("echo waiting; sleep 1000");
  hanging.budget = 200ms;
  const Case last = broken(run_step(hanging));
  EXPECT_NE(last.reason.find("stopped at its deadline"), std::string::npos) << last.reason;
  EXPECT_NE(last.reason.find("waiting"), std::string::npos) << last.reason;
}

TEST_F(RunStep, garbage_and_silence_are_errored) {
  EXPECT_NE(broken(run_step(step("echo '{\"a\":' > $REPORT"))).reason.find("not JSON"),
            std::string::npos);
  EXPECT_NE(broken(run_step(step("true"))).reason.find("printed nothing"), std::string::npos);
  EXPECT_NE(broken(run_step(step("cp $READY $REPORT", empty_report()))).reason.find("inconclusive"),
            std::string::npos);
  EXPECT_NE(
      broken(run_step(step("cp $READY $REPORT; exit 2", empty_report()))).reason.find("no case"),
      std::string::npos);
}

TEST_F(RunStep, an_exit_code_that_contradicts_the_report_is_errored) {
  const Case last = broken(run_step(step("cp $READY $REPORT; exit 70")));
  EXPECT_NE(last.reason.find("exited with 70, but its report says passed"), std::string::npos)
      << last.reason;
}

TEST_F(RunStep, a_report_of_an_earlier_run_is_not_taken_for_this_one) {
  const Step good = step("cp $READY $REPORT");
  EXPECT_EQ(overall(run_step(good).report), Verdict::passed);
  broken(run_step(step("true")));
}

TEST_F(RunStep, a_program_that_is_not_there_is_errored) {
  Step missing = step("");
  missing.command.argv = {"/nowhere/loadgen"};
  EXPECT_NE(broken(run_step(missing)).reason.find("/nowhere/loadgen"), std::string::npos);
}

TEST_F(RunStep, hostile_output_is_made_printable_and_cut) {
  const Case last = broken(run_step(step("head -c 100000 /dev/zero; printf '\\033[2J\\377'")));
  EXPECT_LT(last.reason.size(), 4000U);
  EXPECT_EQ(last.reason.find('\0'), std::string::npos);
  EXPECT_NE(last.reason.find("\\x1b[2J\\xff"), std::string::npos);
}

constexpr const char* race_log =
    "==================\nWARNING: ThreadSanitizer: data race (pid=7)\n"
    "  Write of size 4 at 0x1 by thread T1:\n    #0 add a.cpp:7 (prog+0x1)\n\n"
    "  Previous write of size 4 at 0x1 by thread T2:\n    #0 add a.cpp:7 (prog+0x1)\n\n"
    "SUMMARY: ThreadSanitizer: data race a.cpp:7 in add\n==================\n";

class Suite : public RunStep {
 protected:
  Case run_suite(const std::string& script) {
    Step suite = step(script);
    suite.suite = "unit";
    suite.report.clear();
    suite.command.env.emplace_back("RACE", race_log);
    const StepResult result = run_step(suite);
    return result.report.cases.empty() ? Case{} : result.report.cases.front();
  }
};

TEST_F(Suite, passes_with_exit_0_and_silence_and_fails_otherwise) {
  const Case good = run_suite("echo 7 tests passed");
  EXPECT_EQ(good.id, "suite/unit");
  EXPECT_EQ(good.verdict, Verdict::passed);
  const Case bad = run_suite("echo test 3 failed; exit 8");
  EXPECT_EQ(bad.verdict, Verdict::failed);
  EXPECT_NE(bad.reason.find("test 3 failed"), std::string::npos) << bad.reason;
  EXPECT_EQ(run_suite("kill -ABRT $$").verdict, Verdict::failed);
}

TEST_F(Suite, a_race_on_its_standard_error_fails_even_with_exit_0) {
  const Case race = run_suite("printf '%s' \"$RACE\" >&2");
  EXPECT_EQ(race.verdict, Verdict::failed);
  ASSERT_EQ(race.findings.size(), 1U);
  EXPECT_EQ(race.findings[0].rule, "tsan.data-race");
}

TEST_F(Suite, races_in_the_logs_of_its_processes_are_read_and_equal_ones_folded) {
  const Case race = run_suite(
      "p=$(printf %s \"$TSAN_OPTIONS\" | sed \"s/.*log_path='*\\([^ ':]*\\).*/\\1/\")\n"
      "printf '%s' \"$RACE\" > $p.1; printf '%s' \"$RACE\" > $p.2");
  EXPECT_EQ(race.verdict, Verdict::failed) << race.reason;
  ASSERT_EQ(race.findings.size(), 1U);
  EXPECT_EQ(race.findings[0].count, 2);
  EXPECT_EQ(race.artifacts.size(), 3U);
}

TEST_F(Suite, its_tests_are_listed_and_a_list_that_is_not_there_errs) {
  Step suite = step("echo '<testsuite><testcase name=\"a\"/></testsuite>' > $JUNIT");
  suite.suite = "unit";
  suite.report.clear();
  suite.junit = folder_.path() / "junit.xml";
  suite.command.env.emplace_back("JUNIT", suite.junit);
  const Report listed = run_step(suite).report;
  ASSERT_EQ(listed.cases.size(), 2U);
  EXPECT_EQ(listed.cases[1].id, "suite/unit/a");
  EXPECT_EQ(overall(listed), Verdict::passed);
  suite.command.argv = {"true"};
  const Report missing = run_step(suite).report;
  EXPECT_EQ(overall(missing), Verdict::errored) << missing.cases[0].reason;
}

TEST_F(Suite, a_runtime_that_died_is_errored_and_never_clean) {
  const Case died =
      run_suite("echo 'FATAL: ThreadSanitizer: unexpected memory mapping 0x1-0x2' >&2");
  EXPECT_EQ(died.verdict, Verdict::errored) << died.reason;
}

TEST_F(RunStep, an_expected_defect_passes_when_seen_and_is_inconclusive_when_not) {
  Step broken_server = step("cp $READY $REPORT; exit 1", [] {
    Report report = mixed_report();
    report.interrupted = false;
    report.cases = {report.cases[1]};
    return report;
  }());
  broken_server.expect = Expect::defect;
  const Report seen = run_step(broken_server).report;
  EXPECT_EQ(seen.cases[0].verdict, Verdict::passed);
  EXPECT_EQ(seen.cases[0].expect, Expect::defect);
  EXPECT_EQ(seen.cases[0].findings[0].level, Level::note);
  Step clean = step("cp $READY $REPORT", [] {
    Report report = passing_report();
    report.cases.pop_back();
    return report;
  }());
  clean.expect = Expect::defect;
  EXPECT_EQ(overall(run_step(clean).report), Verdict::inconclusive);
  Step crash = step("kill -SEGV $$");
  crash.expect = Expect::defect;
  EXPECT_EQ(overall(run_step(crash).report), Verdict::errored) << "that was not the defect";
}

/// The verdict of a case that failed with findings of these rules, when `expected` is expected.
Verdict expecting(const std::string& expected, const std::vector<std::string>& rules) {
  Case of{.id = "a", .verdict = Verdict::failed, .reason = "it failed"};
  for (const std::string& rule : rules) of.findings.push_back({.rule = rule});
  expect_defect(of, expected);
  return of.verdict;
}

TEST(ExpectDefect, only_the_expected_kind_counts) {
  EXPECT_EQ(expecting("*", {"tsan.data-race"}), Verdict::passed);
  EXPECT_EQ(expecting("*", {}), Verdict::inconclusive) << "a failed assertion is no defect";
  EXPECT_EQ(expecting("tsan.*", {"tsan.data-race"}), Verdict::passed);
  EXPECT_EQ(expecting("loadgen.corrupt,tsan.data-race", {"tsan.data-race"}), Verdict::passed);
  EXPECT_EQ(expecting("tsan.data-race", {}), Verdict::inconclusive);
  EXPECT_EQ(expecting("tsan.data-race", {"loadgen.corrupt"}), Verdict::failed);
  EXPECT_EQ(expecting("tsan.data-race", {"tsan.data-race", "loadgen.corrupt"}), Verdict::failed);
}

TEST_F(RunStep, what_the_server_counted_stands_beside_what_the_clients_counted) {
  Step counted = step(
      "cp $READY $REPORT; echo '{\"counter\": {\"connections\": 99, \"bytes\": 1000,"
      " \"lost_connections\": 1, \"lost_bytes\": 24}}' > $STATS");
  counted.stats = folder_.path() / "stats.json";
  counted.command.env.emplace_back("STATS", counted.stats);
  const StepResult result = run_step(counted);
  const Metric* lost = find_metric(result.report.cases[0], "lost_bytes");
  ASSERT_NE(lost, nullptr);
  EXPECT_EQ(lost->value, 24);
  EXPECT_EQ(result.report.cases[0].verdict, Verdict::failed) << "a count that is short";
  ASSERT_FALSE(result.report.cases[0].findings.empty());
  EXPECT_EQ(result.report.cases[0].findings.back().rule, "server.lost-update");
  counted.command.argv = {"sh", "-c", "cp $READY $REPORT; echo '{}' > $STATS"};
  const StepResult without = run_step(counted);
  const Metric* unknown = find_metric(without.report.cases[0], "lost_bytes");
  ASSERT_NE(unknown, nullptr);
  EXPECT_FALSE(unknown->value);
  EXPECT_TRUE(unknown->why);
}

}  // namespace
}  // namespace contend::ci
