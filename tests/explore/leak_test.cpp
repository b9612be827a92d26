// What nobody can reach at the end is found, with the place that allocated it; what anybody still
// can is not: with the objects of both compilers.
#include "races/explore/schedule.hpp"
#include "tests/explore/exploring.hpp"

namespace contend::explore {
namespace {

constexpr const char* rule = "explore.leak";

class Leaking : public Exploring, public ::testing::WithParamInterface<std::string> {
 protected:
  Plan plan_for(const std::string& subject) const {
    Plan plan = Exploring::plan_for(GetParam(), subject);
    plan.schedules = 100;
    return plan;
  }

  /// The only finding, which must be a leak.
  Finding found_in(const std::string& subject) const {
    const Case result = run(plan_for(subject));
    EXPECT_EQ(result.verdict, Verdict::failed) << subject << ": " << result.reason;
    EXPECT_EQ(result.findings.size(), 1U) << subject;
    if (result.findings.empty()) return {};
    EXPECT_EQ(result.findings[0].rule, rule);
    return result.findings[0];
  }
};

TEST_P(Leaking, names_the_line_of_the_program_that_allocated) {
  const Finding list = found_in("leak_list_broken");
  EXPECT_NE(list.message.find("leak of 48 bytes in 3 blocks, allocated by thread T2 at "),
            std::string::npos)
      << list.message;
  EXPECT_NE(list.message.find("subjects/leaks.cpp:"), std::string::npos) << list.message;
  EXPECT_NE(list.stacks.at(0).at(0).function.find("push(int)"), std::string::npos);
}

TEST_P(Leaking, names_who_called_a_library_that_allocates) {
  const Finding text = found_in("leak_string_broken");
  EXPECT_NE(text.message.find("leak of 29 bytes in 1 block,"), std::string::npos) << text.message;
  EXPECT_EQ(text.stacks.at(0).at(0).function, "leak_string_broken()");
}

TEST_P(Leaking, is_one_finding_for_each_place) {
  EXPECT_NE(found_in("leak_among_many_broken").message.find("leak of 80 bytes in 16 blocks"),
            std::string::npos);
  EXPECT_EQ(run(plan_for("leak_cycle_broken")).findings.size(), 2U);
}

TEST_P(Leaking, of_some_schedules_is_found_minimised_and_replayed) {
  Plan plan = plan_for("leak_lazily_broken");
  plan.schedules = 1;
  EXPECT_EQ(run(plan).verdict, Verdict::passed);
  plan.schedules = 300;
  const Case result = run(plan);
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_GT(result.findings[0].count, 1);
  EXPECT_LT(result.findings[0].count, 100);
  EXPECT_FALSE(result.lanes.empty());
  EXPECT_EQ(result.reproduce, "races replay " + file_of(plan).string());
  const Expected<std::string> text = read_file(file_of(plan));
  ASSERT_TRUE(text);
  const Expected<Schedule> schedule = schedule_from_json(*text);
  ASSERT_TRUE(schedule);
  EXPECT_EQ(schedule->rule, rule);
  for (int i = 0; i < 10; ++i) {
    const Expected<int> code = replay(file_of(plan));
    ASSERT_TRUE(code) << code.error().message;
    EXPECT_EQ(*code, 1);
  }
}

TEST_P(Leaking, is_not_told_of_an_execution_that_fails_otherwise) {
  const Case result = run(plan_for("leak_and_fail_broken"));
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].rule, "explore.exit");
}

TEST_P(Leaking, does_not_end_the_search) {
  const Case result = run(plan_for("leak_then_fail_broken"));
  ASSERT_EQ(result.findings.size(), 2U) << result.reason;
  EXPECT_EQ(result.findings[0].rule, "explore.exit");
  EXPECT_EQ(result.findings[1].rule, rule);
  const Expected<int> code = replay(file_of(plan_for("leak_then_fail_broken")));
  ASSERT_TRUE(code);
  EXPECT_EQ(*code, 1);
}

TEST_P(Leaking, is_none_where_leaks_are_not_asked_for) {
  Plan plan = plan_for("leak_list_broken");
  plan.leaks = false;
  EXPECT_EQ(run(plan).verdict, Verdict::passed);
}

TEST_P(Leaking, is_none_where_somebody_reaches_the_block) {
  for (const char* subject :
       {"leak_list_fixed", "leak_lazily_fixed", "leak_cycle_fixed", "leak_string_fixed",
        "reachable_fixed", "reachable_by_threads_fixed", "reachable_by_libraries_fixed",
        "reachable_guarded_fixed", "reachable_from_stacks_fixed"}) {
    const Case result = run(plan_for(subject));
    EXPECT_EQ(result.verdict, Verdict::passed) << subject << ": " << result.reason;
  }
}

TEST_P(Leaking, is_none_at_the_far_end_of_a_long_list) {
  Plan plan = plan_for("reachable_long_fixed");
  plan.schedules = 2;
  EXPECT_EQ(run(plan).verdict, Verdict::passed);
}

INSTANTIATE_TEST_SUITE_P(Explorer, Leaking, ::testing::Values(gcc_subjects, clang_subjects),
                         [](const auto& of) { return of.param == gcc_subjects ? "gcc" : "clang"; });

}  // namespace
}  // namespace contend::explore
