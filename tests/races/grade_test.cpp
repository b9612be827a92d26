#include "races/grade.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace contend::races {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

ExperimentFacts counter(bool is_broken) {
  return {.name = "counter/any",
          .is_broken = is_broken,
          .counts_to = 2,
          .foreseen = {{"2", Grade::acceptable, "both"}, {"1", Grade::forbidden, "one lost"}}};
}

ExperimentFacts with_sight(ExperimentFacts experiment, const char* lens, Sees sees) {
  experiment.sights.push_back({lens, sees, "for a reason"});
  return experiment;
}

Tally counted(std::map<std::string, std::int64_t> outcomes) {
  Tally tally;
  tally.arrangements.push_back({"arrays", 64, 1'000'000, std::move(outcomes)});
  tally.is_done = true;
  tally.exit.code = 0;
  return tally;
}

Tally reported(std::int64_t reports) {
  Tally tally = counted({{"2", 100}, {"1", 5}});
  for (std::int64_t i = 0; i < reports; ++i) tally.hook_reports.push_back({"data-race", {}});
  if (reports > 0) {
    tally.log.findings.push_back(
        {.rule = "tsan.data-race", .message = "data race: a; b", .count = reports});
  }
  return tally;
}

double value_of(const Case& in, const char* name) {
  return find_metric(in, name)->value.value();
}

TEST(GradeNative, passes_a_broken_experiment_that_shows_its_defect) {
  const Case graded = grade_native(counter(true), counted({{"2", 987}, {"1", 13}}));
  EXPECT_EQ(graded.verdict, Verdict::passed);
  EXPECT_EQ(graded.expect, Expect::defect);
  EXPECT_EQ(graded.reason, "loses 1.3 % of its updates (13 in 1,000 trials)");
  EXPECT_EQ(value_of(graded, "trials"), 1000);
  EXPECT_EQ(value_of(graded, "lost_updates"), 13);
  EXPECT_DOUBLE_EQ(value_of(graded, "loss_rate"), 0.013);
  EXPECT_EQ(value_of(graded, "lowest_final_value"), 1);
  EXPECT_DOUBLE_EQ(value_of(graded, "trials_per_second"), 1e6);
}

TEST(GradeNative, never_passes_a_broken_experiment_without_its_defect) {
  const Case graded = grade_native(counter(true), counted({{"2", 1000}}));
  EXPECT_EQ(graded.verdict, Verdict::inconclusive);
  EXPECT_THAT(graded.reason, HasSubstr("1,000 trials"));
}

TEST(GradeNative, fails_a_fixed_experiment_on_one_forbidden_outcome) {
  EXPECT_EQ(grade_native(counter(false), counted({{"2", 1'000'000}, {"1", 1}})).verdict,
            Verdict::failed);
  EXPECT_EQ(grade_native(counter(false), counted({{"2", 1'000'000}})).verdict, Verdict::passed);
}

TEST(GradeNative, fails_on_an_outcome_that_nobody_foresaw) {
  const Case graded = grade_native(counter(false), counted({{"2", 10}, {"7", 1}}));
  EXPECT_EQ(graded.verdict, Verdict::failed);
  EXPECT_THAT(graded.reason, HasSubstr("nobody foresaw"));
}

TEST(GradeNative, calls_a_run_without_trials_inconclusive) {
  EXPECT_EQ(grade_native(counter(false), counted({})).verdict, Verdict::inconclusive);
}

TEST(GradeNative, passes_a_blind_lens_that_sees_nothing_and_says_why) {
  const auto blind = with_sight(counter(true), "native", Sees::blind);
  const Case graded = grade_native(blind, counted({{"2", 10}}));
  EXPECT_EQ(graded.verdict, Verdict::passed);
  EXPECT_EQ(graded.expect, Expect::clean);
  EXPECT_THAT(graded.reason, HasSubstr("for a reason"));
}

TEST(GradeNative, tells_where_the_actors_of_a_hang_stood) {
  Tally tally = counted({{"2", 10}});
  tally.is_done = false;
  tally.hang = {{.actor = 1,
                 .doing = "is blocked",
                 .offsets = {},
                 .frames = {{"std::mutex::lock", "/usr/include/x", 1}, {"actor1", "a.cpp", 31}}}};
  const Case graded = grade_native(counter(false), tally);
  EXPECT_EQ(graded.verdict, Verdict::failed);
  EXPECT_THAT(graded.reason, HasSubstr("actor 1 is blocked at a.cpp:31 (actor1)"));
  ASSERT_EQ(graded.findings.size(), 1u);
  EXPECT_EQ(graded.findings[0].rule, "races.hang");
  ExperimentFacts expected = counter(true);
  expected.foreseen.push_back({"hang", Grade::forbidden, "a deadlock"});
  EXPECT_EQ(grade_native(expected, tally).verdict, Verdict::passed);
}

TEST(GradeNative, errs_when_the_program_ends_without_a_word) {
  Tally tally = counted({{"2", 10}});
  tally.is_done = false;
  tally.exit = {.code = 3};
  tally.stderr_text = "out of cheese\n";
  const Case graded = grade_native(counter(false), tally);
  EXPECT_EQ(graded.verdict, Verdict::errored);
  EXPECT_THAT(graded.reason, HasSubstr("exited with 3 and said \"out of cheese\""));
}

TEST(GradeTsan, judges_by_reports_and_never_by_counts) {
  EXPECT_EQ(grade_tsan(counter(true), reported(2)).verdict, Verdict::passed);
  EXPECT_EQ(grade_tsan(counter(true), reported(0)).verdict, Verdict::inconclusive);
  EXPECT_EQ(grade_tsan(counter(false), reported(1)).verdict, Verdict::failed);
  EXPECT_EQ(grade_tsan(counter(false), reported(0)).verdict, Verdict::passed);
  EXPECT_TRUE(grade_tsan(counter(true), reported(2)).outcomes.empty());
}

TEST(GradeTsan, makes_an_expected_report_a_note_and_another_an_error) {
  EXPECT_EQ(grade_tsan(counter(true), reported(1)).findings.at(0).level, Level::note);
  EXPECT_EQ(grade_tsan(counter(false), reported(1)).findings.at(0).level, Level::error);
}

TEST(GradeTsan, knows_blindness_and_false_alarms) {
  const auto blind = with_sight(counter(true), "tsan", Sees::blind);
  EXPECT_EQ(grade_tsan(blind, reported(0)).verdict, Verdict::passed);
  EXPECT_THAT(grade_tsan(blind, reported(0)).reason, StartsWith("blind, as known: for a reason"));
  const auto accused = with_sight(counter(false), "tsan", Sees::false_alarm);
  EXPECT_EQ(grade_tsan(accused, reported(1)).verdict, Verdict::passed);
  EXPECT_EQ(grade_tsan(counter(false), reported(1)).verdict, Verdict::failed);
}

TEST(GradeTsan, errs_when_the_runtime_died_or_its_channels_disagree) {
  Tally dead = reported(0);
  dead.log.broken = "FATAL: ThreadSanitizer: unexpected memory mapping";
  EXPECT_EQ(grade_tsan(counter(false), dead).verdict, Verdict::errored);
  Tally torn = reported(2);
  torn.log.findings.clear();
  EXPECT_EQ(grade_tsan(counter(false), torn).verdict, Verdict::errored);
}

TEST(GradeTsan, calls_a_silent_run_without_trials_inconclusive) {
  Tally none = counted({});
  EXPECT_EQ(grade_tsan(counter(false), none).verdict, Verdict::inconclusive);
  none.is_done = false;
  none.hang = {{.actor = 1, .doing = "is blocked"}};
  const auto blind = with_sight(counter(true), "tsan", Sees::blind);
  EXPECT_EQ(grade_tsan(blind, none).verdict, Verdict::passed);
}

TEST(GradeTsan, tells_the_signal_and_the_stack_of_a_crash) {
  Tally crashed = counted({{"2", 10}});
  crashed.is_done = false;
  crashed.exit = {.signal = 6};
  crashed.crash = {.signal = 6, .stand = {.doing = "crashed", .frames = {{"f", "a.cpp", 31}}}};
  const Case graded = grade_tsan(counter(false), crashed);
  EXPECT_EQ(graded.verdict, Verdict::failed);
  EXPECT_THAT(graded.reason, HasSubstr("crashed at a.cpp:31 (f) of signal 6"));
  EXPECT_EQ(graded.findings.at(0).stacks.at(0).at(0).line, 31);
  EXPECT_EQ(grade_tsan(counter(true), crashed).verdict, Verdict::errored);
}

TEST(Share, begins_at_nothing_where_nothing_was_seen_and_ends_at_all_where_all_was) {
  for (const std::int64_t trials : {1, 7, 1000, 18'772'480, 1'000'000'007}) {
    EXPECT_EQ(share(0, trials).low, 0) << trials;
    EXPECT_EQ(share(trials, trials).high, 1) << trials;
    EXPECT_GT(share(0, trials).high, 0) << trials;
  }
}

TEST(Share, has_an_interval_that_holds_it_and_narrows_with_trials) {
  const Share few = share(1, 10);
  const Share many = share(1000, 10000);
  EXPECT_LT(few.low, 0.1);
  EXPECT_GT(few.high, 0.1);
  EXPECT_LT(many.high - many.low, few.high - few.low);
  EXPECT_GT(share(0, 1000).high, 0);
  EXPECT_EQ(share(0, 0).high, 0);
}

}  // namespace
}  // namespace contend::races
