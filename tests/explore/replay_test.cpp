// A failing schedule happens again, every time, in a process of its own; and a file that does not
// fit is told from one that does.
#include <set>

#include "races/explore/bounded_search.hpp"
#include "races/explore/judge.hpp"
#include "races/explore/schedule.hpp"
#include "races/explore/target.hpp"
#include "tests/explore/exploring.hpp"

namespace contend::explore {
namespace {

using Replay = Exploring;

TEST_F(Replay, makes_the_failure_happen_again_every_time) {
  const Plan plan = plan_for(gcc_subjects, "lost_wakeup_broken");
  ASSERT_EQ(run(plan).verdict, Verdict::failed);
  for (int i = 0; i < 20; ++i) {
    const Expected<int> code = replay(file_of(plan));
    ASSERT_TRUE(code) << code.error().message;
    ASSERT_EQ(*code, 1);
  }
}

// Ten starts of the program, thirty processes each.
TEST_F(Replay, fits_300_of_300_processes) {
  const Plan plan = plan_for(gcc_subjects, "server_broken");
  ASSERT_EQ(run(plan).verdict, Verdict::failed);
  const Expected<std::string> text = read_file(file_of(plan));
  ASSERT_TRUE(text);
  const Expected<Schedule> schedule = schedule_from_json(*text);
  ASSERT_TRUE(schedule);
  int happened = 0;
  for (int start = 0; start < 10; ++start) {
    Expected<Target> target = Target::start(schedule->argv);
    ASSERT_TRUE(target);
    target->set_racy(schedule->racy);
    for (int i = 0; i < 30; ++i) {
      const Expected<Execution> again = target->run(instruction_of(*schedule), schedule->choices);
      ASSERT_TRUE(again) << again.error().message;
      const std::optional<Failure> failure = judge(*again, target->output());
      const bool same = failure && failure->rule == schedule->rule &&
                        failure->kind == schedule->kind && again->result.hash == schedule->hash;
      happened += same ? 1 : 0;
    }
  }
  EXPECT_EQ(happened, 300);
}

TEST_F(Replay, keeps_only_the_switches_that_matter) {
  Plan plan = plan_for(gcc_subjects, "c_account_broken");
  plan.strategy = "random";
  const auto preemptions = [&](bool minimise) {
    plan.minimise = minimise;
    EXPECT_EQ(run(plan).verdict, Verdict::failed);
    const Expected<std::string> text = read_file(file_of(plan));
    const Expected<Schedule> schedule = schedule_from_json(text ? *text : "");
    return schedule ? count_preemptions(schedule->choices) : 99U;
  };
  std::uint32_t most = 0;
  for (plan.seed = 1; plan.seed < 20; ++plan.seed) {
    most = std::max(most, preemptions(false));
    EXPECT_EQ(preemptions(true), 1U) << "seed " << plan.seed;
    const Expected<int> code = replay(file_of(plan));
    ASSERT_TRUE(code);
    EXPECT_EQ(*code, 1);
  }
  EXPECT_GT(most, 1U);
}

TEST_F(Replay, keeps_one_switch_of_those_between_twenty_threads) {
  Plan plan = plan_for(gcc_subjects, "c_half_set_broken");
  plan.schedules = 10'000;
  std::uint32_t most = 0;
  for (plan.seed = 1; plan.seed < 5; ++plan.seed) {
    for (const bool minimise : {false, true}) {
      plan.minimise = minimise;
      run(plan);
      const Expected<std::string> text = read_file(file_of(plan));
      const Expected<Schedule> schedule = schedule_from_json(text ? *text : "");
      ASSERT_TRUE(schedule);
      const std::uint32_t preemptions = count_preemptions(schedule->choices);
      if (minimise) {
        EXPECT_EQ(preemptions, 1U) << "seed " << plan.seed;
      }
      most = std::max(most, preemptions);
    }
  }
  EXPECT_GT(most, 5U);
}

// There are too many orders to try all, but to move what a thread does is enough.
TEST_F(Replay, keeps_one_switch_where_no_search_could_end) {
  Plan plan = plan_for(gcc_subjects, "c_wrong_lock_broken");
  for (plan.seed = 1; plan.seed < 6; ++plan.seed) {
    const Case result = run(plan);
    EXPECT_EQ(result.lanes.at(0).what, "1 preemption; not every schedule with fewer was tried")
        << "seed " << plan.seed;
  }
}

// What is reported is what the file shows, and it is what was found.
TEST_F(Replay, keeps_to_the_failure_that_was_found) {
  Plan plan = plan_for(gcc_subjects, "c_two_ways_broken");
  const auto shown = [&](bool minimise) {
    plan.minimise = minimise;
    const Case result = run(plan);
    const Expected<std::string> text = read_file(file_of(plan));
    const Expected<Schedule> schedule = schedule_from_json(text ? *text : "");
    EXPECT_EQ(schedule ? schedule->message : "", result.findings.at(0).message);
    return result.findings.at(0).fingerprint;
  };
  std::set<std::string> all;
  for (plan.seed = 4; plan.seed < 8; ++plan.seed) {
    const std::string found = shown(false);
    EXPECT_EQ(shown(true), found) << "seed " << plan.seed;
    all.insert(found);
  }
  EXPECT_EQ(all.size(), 2U);
}

TEST_F(Replay, keeps_no_switch_before_the_loop_of_a_livelock) {
  Plan plan = plan_for(std::string(CONTEND_PROGRAMS) + "-explore", "barrier_reuse/counting");
  plan.name = "livelock";
  plan.strategy = "random";
  plan.steps = 2000;
  plan.seed = 1;
  const auto preemptions = [&](bool minimise) {
    plan.minimise = minimise;
    const Case result = run(plan);
    EXPECT_NE(result.reason.find("no end after"), std::string::npos) << result.reason;
    const Expected<std::string> text = read_file(file_of(plan));
    const Expected<Schedule> schedule = schedule_from_json(text ? *text : "");
    // Past half of the bound chance decides, so that a loop is one whoever is late.
    return schedule ? count_preemptions(std::span(schedule->choices).first(500)) : 99U;
  };
  EXPECT_GT(preemptions(false), 10U);
  EXPECT_LE(preemptions(true), 2U);
}

TEST_F(Replay, makes_a_race_happen_again) {
  const Plan plan = plan_for(clang_subjects, "publish_relaxed_broken");
  ASSERT_EQ(run(plan).verdict, Verdict::failed);
  const Expected<int> code = replay(file_of(plan));
  ASSERT_TRUE(code);
  EXPECT_EQ(*code, 1);
}

TEST_F(Replay, says_when_the_program_is_another_one) {
  const Plan plan = plan_for(gcc_subjects, "counter_load_then_store");
  ASSERT_EQ(run(plan).verdict, Verdict::failed);
  const Expected<std::string> text = read_file(file_of(plan));
  ASSERT_TRUE(text);
  Expected<Schedule> schedule = schedule_from_json(*text);
  ASSERT_TRUE(schedule);
  schedule->argv[1] = "counter_cas_loop";
  ASSERT_TRUE(write_file(file_of(plan), to_json(*schedule)));
  const Expected<int> code = replay(file_of(plan));
  ASSERT_TRUE(code);
  EXPECT_EQ(*code, 2);
}

TEST_F(Replay, refuses_a_file_that_is_no_schedule) {
  const std::filesystem::path file = *plan_for("", "x").out / "x.schedule.json";
  ASSERT_TRUE(write_file(file, "{\"format\": \"something/1\"}\n"));
  const Expected<int> code = replay(file);
  ASSERT_FALSE(code);
  EXPECT_EQ(code.error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace contend::explore
