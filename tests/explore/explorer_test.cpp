// Broken programs are found, fixed twins are not accused, and what cannot be controlled is said:
// with the objects of both compilers.
#include <span>
#include <string>
#include <tuple>

#include "races/explore/judge.hpp"
#include "tests/explore/exploring.hpp"

namespace contend::explore {
namespace {

struct Subject {
  std::string name;
  std::string rule;  ///< of the finding that must be there; empty: there must be none
};

void PrintTo(const Subject& subject, std::ostream* out) {
  *out << subject.name;
}

class Subjects : public Exploring,
                 public ::testing::WithParamInterface<std::tuple<std::string, Subject>> {
 protected:
  Case run_it() { return run(plan_for(std::get<0>(GetParam()), std::get<1>(GetParam()).name)); }
};

bool has_rule(const Case& in, const std::string& rule) {
  for (const Finding& finding : in.findings) {
    if (finding.rule == rule) return true;
  }
  return false;
}

using Broken = Subjects;
using Fixed = Subjects;

TEST(Judge, keeps_failures_apart_by_what_the_program_said_but_for_numbers) {
  Execution execution;
  const auto said = [&](int code, const std::string& output) {
    execution.exit_code = code;
    return judge(execution, output).value().said;
  };
  EXPECT_EQ(said(1, "a.c:12: Assertion `a > 0' failed.\n"),
            said(1, "a.c:13: Assertion `a > 0' failed.\n"));
  EXPECT_NE(said(1, "a.c:12: Assertion `a > 0' failed.\n"),
            said(1, "a.c:12: Assertion `b > 0' failed.\n"));
  EXPECT_NE(said(1, ""), said(2, ""));
}

TEST_P(Broken, is_found) {
  const Case result = run_it();
  EXPECT_EQ(result.verdict, Verdict::failed) << result.reason;
  EXPECT_TRUE(has_rule(result, std::get<1>(GetParam()).rule)) << result.reason;
  ASSERT_FALSE(result.artifacts.empty());
  EXPECT_EQ(result.reproduce, "races replay " + result.artifacts[0]);
}

TEST_P(Fixed, is_not_accused) {
  const Case result = run_it();
  EXPECT_EQ(result.verdict, Verdict::passed) << result.reason;
  EXPECT_TRUE(result.findings.empty());
  EXPECT_TRUE(result.artifacts.empty());
}

std::string name_of(const ::testing::TestParamInfo<Subjects::ParamType>& of) {
  const std::string compiler = std::get<0>(of.param) == gcc_subjects ? "gcc_" : "clang_";
  return compiler + std::get<1>(of.param).name;
}

INSTANTIATE_TEST_SUITE_P(
    Explorer, Broken,
    ::testing::Combine(::testing::Values(gcc_subjects, clang_subjects),
                       ::testing::Values(Subject{"counter_plain", "explore.abort"},
                                         Subject{"counter_plain", "explore.data-race"},
                                         Subject{"counter_load_then_store", "explore.abort"},
                                         Subject{"check_then_act_broken", "explore.abort"},
                                         Subject{"rwlock_upgrade_broken", "explore.abort"},
                                         Subject{"created_last_goes_first_broken", "explore.abort"},
                                         Subject{"gives_up_broken", "explore.abort"},
                                         Subject{"trylock_broken", "explore.abort"},
                                         Subject{"lock_order_broken", "explore.deadlock"},
                                         Subject{"lost_wakeup_broken", "explore.deadlock"},
                                         Subject{"notify_one_broken", "explore.deadlock"},
                                         Subject{"publish_relaxed_broken", "explore.data-race"},
                                         Subject{"crash_broken", "explore.crash"},
                                         Subject{"order_of_start_broken", "explore.crash"},
                                         Subject{"endless_broken", "explore.livelock"},
                                         Subject{"use_after_free_broken", "explore.heap"},
                                         Subject{"double_free_broken", "explore.heap"},
                                         Subject{"c_account_broken", "explore.abort"},
                                         Subject{"c_exit_in_thread", "explore.exit"},
                                         Subject{"c_hundred_threads_broken", "explore.abort"},
                                         Subject{"c_unseen_beginning_broken", "explore.abort"},
                                         Subject{"c_posix_locks_broken", "explore.abort"},
                                         Subject{"c11_account_broken", "explore.abort"},
                                         Subject{"c11_hand_over_broken", "explore.deadlock"},
                                         Subject{"wide_broken", "explore.exit"},
                                         Subject{"sixteen_broken", "explore.exit"},
                                         Subject{"pipe_broken", "explore.data-race"},
                                         Subject{"timer_broken", "explore.exit"},
                                         Subject{"annotated_publish_broken", "explore.data-race"},
                                         Subject{"annotated_neighbour_broken", "explore.data-race"},
                                         Subject{"annotated_lock_broken", "explore.data-race"},
                                         Subject{"annotated_reader_broken", "explore.data-race"},
                                         Subject{"annotated_read_broken", "explore.data-race"},
                                         Subject{"server_broken", "explore.exit"},
                                         Subject{"silent_pipe_broken", "explore.deadlock"})),
    [](const auto& of) {
      std::string name = name_of(of);
      if (std::get<1>(of.param).rule == "explore.data-race") name += "_race";
      return name;
    });

INSTANTIATE_TEST_SUITE_P(
    Explorer, Fixed,
    ::testing::Combine(
        ::testing::Values(gcc_subjects, clang_subjects),
        ::testing::Values(
            Subject{"counter_mutex", ""}, Subject{"counter_atomic", ""},
            Subject{"counter_cas_loop", ""}, Subject{"check_then_act_fixed", ""},
            Subject{"rwlock_upgrade_fixed", ""}, Subject{"spin_lock_fixed", ""},
            Subject{"neighbours_fixed", ""}, Subject{"lock_order_fixed", ""},
            Subject{"lost_wakeup_fixed", ""}, Subject{"notify_all_fixed", ""},
            Subject{"every_primitive_fixed", ""}, Subject{"hang_guard_fixed", ""},
            Subject{"sleepers_fixed", ""}, Subject{"publish_release_fixed", ""},
            Subject{"publish_fences_fixed", ""}, Subject{"thread_locals_fixed", ""},
            Subject{"static_local_fixed", ""}, Subject{"c_account_fixed", ""},
            Subject{"c_main_leaves_first", ""}, Subject{"c_hundred_threads_fixed", ""},
            Subject{"c11_account_fixed", ""}, Subject{"c_unseen_beginning_fixed", ""},
            Subject{"c_posix_locks_fixed", ""}, Subject{"c11_hand_over_fixed", ""},
            Subject{"wide_fixed", ""}, Subject{"pipe_fixed", ""}, Subject{"eventfd_fixed", ""},
            Subject{"socketpair_fixed", ""}, Subject{"full_pipe_fixed", ""},
            Subject{"epoll_fixed", ""}, Subject{"timer_fixed", ""},
            Subject{"annotated_publish_fixed", ""}, Subject{"annotated_publish_dynamic_fixed", ""},
            Subject{"annotated_lock_fixed", ""}, Subject{"annotated_read_ignored_fixed", ""},
            Subject{"annotated_read_known_fixed", ""}, Subject{"timer_by_another_fixed", ""},
            Subject{"server_fixed", ""})),
    name_of);

using Explorer = Exploring;

std::vector<std::string> said_by(const Case& in, std::int64_t lane) {
  std::vector<std::string> said;
  for (const LaneStep& step : in.lanes) {
    if (step.lane == lane) said.push_back(step.what);
  }
  return said;
}

TEST_F(Explorer, shows_who_waits_for_ever) {
  const Case both = run(plan_for(gcc_subjects, "lock_order_broken"));
  const std::vector<std::string> thread = said_by(both, both.lanes.back().lane);
  EXPECT_EQ(thread, (std::vector<std::string>{"locks", "locks, for ever"}));
  const Case alone = run(plan_for(gcc_subjects, "c_locks_twice_broken"));
  EXPECT_EQ(alone.reason, "found at schedule 1: deadlock: T0 locks what it holds itself");
  EXPECT_EQ(said_by(alone, 0).back(), "locks, for ever");
}

// Which accesses race is learnt on the way: the last ones only from the schedule that is shown.
TEST_F(Explorer, shows_both_halves_of_each_increment) {
  Plan plan = plan_for(std::string(CONTEND_PROGRAMS) + "-explore", "lost_update/plain");
  plan.name = "lost_update";
  for (plan.seed = 1; plan.seed < 6; ++plan.seed) {
    const Case result = run(plan);
    EXPECT_EQ(result.lanes.at(0).what, "1 preemption; without one it does not happen");
    EXPECT_EQ(std::ranges::count_if(result.lanes, &LaneStep::switched), 1);
    for (const std::int64_t lane : {1, 2}) {
      EXPECT_EQ(said_by(result, lane), (std::vector<std::string>{"reads", "writes"}))
          << "seed " << plan.seed;
    }
  }
}

TEST_F(Explorer, interrupts_a_shared_library) {
  Plan plan = plan_for(CONTEND_COUNTS_IN_LIBRARY, "library");
  plan.argv = {CONTEND_COUNTS_IN_LIBRARY};
  const Case result = run(plan);
  // One race or two: where the sources can be read, lines of one function are kept apart.
  ASSERT_GE(result.findings.size(), 2U) << result.reason;
  ASSERT_LE(result.findings.size(), 3U) << result.reason;
  EXPECT_EQ(result.findings[0].rule, "explore.exit");
  for (const Finding& race : std::span(result.findings).subspan(1)) {
    EXPECT_EQ(race.rule, "explore.data-race");
    ASSERT_EQ(race.stacks.size(), 2U);
    EXPECT_TRUE(race.stacks[0].at(0).file.ends_with("counting.cpp"));
  }
  const auto steps = std::ranges::count_if(
      result.lanes, [](const LaneStep& step) { return step.file.ends_with("counting.cpp"); });
  EXPECT_EQ(steps, 4);
  const Expected<int> code = replay(file_of(plan));
  ASSERT_TRUE(code) << code.error().message;
  EXPECT_EQ(*code, 1);
  const Case locked = run(plan_for(CONTEND_COUNTS_IN_LIBRARY, "locked"));
  EXPECT_EQ(locked.verdict, Verdict::passed) << locked.reason;
}

TEST_F(Explorer, says_that_no_preemption_is_needed) {
  const Case result = run(plan_for(gcc_subjects, "c_locks_twice_broken"));
  EXPECT_EQ(result.findings.at(0).rule, "explore.deadlock");
  EXPECT_EQ(result.lanes.at(0).what, "no preemption is needed");
}

TEST_F(Explorer, shows_the_schedule_of_a_race_that_did_no_harm) {
  const Case result = run(plan_for(gcc_subjects, "publish_relaxed_broken"));
  EXPECT_EQ(result.findings.at(0).rule, "explore.data-race");
  const auto is_at = [](const Frame& frame) {
    return [&](const LaneStep& step) { return step.line == frame.line; };
  };
  for (const std::vector<Frame>& stack : result.findings.at(0).stacks) {
    EXPECT_TRUE(std::ranges::any_of(result.lanes, is_at(stack.at(0)))) << stack.at(0).line;
  }
}

TEST_F(Explorer, shows_where_it_crashed_and_at_which_address) {
  const Case result = run(plan_for(gcc_subjects, "order_of_start_broken"));
  EXPECT_NE(result.reason.find(" at address 0x"), std::string::npos) << result.reason;
  EXPECT_EQ(result.lanes.back().what, "ends here");
  EXPECT_GT(result.lanes.back().line, 0);
}

TEST_F(Explorer, says_how_much_was_fine_but_for_a_race) {
  const Case result = run(plan_for(gcc_subjects, "publish_relaxed_broken"));
  EXPECT_TRUE(result.reason.ends_with(" schedules end well")) << result.reason;
}

TEST_F(Explorer, proves_a_small_program) {
  const Case result = run(plan_for(gcc_subjects, "counter_mutex"));
  EXPECT_TRUE(result.reason.starts_with("proved: all 3 schedules")) << result.reason;
}

TEST_F(Explorer, proves_a_loop_around_a_timed_wait) {
  for (const std::string& subjects : {gcc_subjects, clang_subjects}) {
    const Case result = run(plan_for(subjects, "timed_loop_fixed"));
    EXPECT_TRUE(result.reason.starts_with("proved: ")) << result.reason;
  }
}

// Nobody has to be interrupted for it, so the first schedules of a search have it.
TEST_F(Explorer, lets_a_loop_that_changes_something_get_to_its_end) {
  for (const std::string& subjects : {gcc_subjects, clang_subjects}) {
    for (const char* way : {"done", "stored", "swapped", "written"}) {
      Plan plan = plan_for(subjects, std::string(way) + "_all_at_once_broken");
      plan.strategy = "dfs";
      plan.schedules = 3;
      EXPECT_EQ(run(plan).verdict, Verdict::failed) << subjects << " " << way;
    }
  }
}

TEST_F(Explorer, says_where_a_proof_lets_spinning_threads_wait) {
  const std::string waits = "whoever spins or yields lets others go first";
  Plan plan = plan_for(gcc_subjects, "spin_lock_fixed");
  plan.schedules = 10'000;
  const Case spins = run(plan);
  EXPECT_TRUE(spins.reason.starts_with("proved: ")) << spins.reason;
  EXPECT_NE(spins.reason.find(waits), std::string::npos) << spins.reason;
  const Case waitless = run(plan_for(gcc_subjects, "counter_mutex"));
  EXPECT_TRUE(waitless.reason.starts_with("proved: ")) << waitless.reason;
  EXPECT_EQ(waitless.reason.find(waits), std::string::npos) << waitless.reason;
}

TEST_F(Explorer, states_the_bound_when_it_stops_before_the_end) {
  const Case result = run(plan_for(gcc_subjects, "c_hundred_threads_fixed"));
  EXPECT_NE(result.reason.find("not found in 100 schedules"), std::string::npos) << result.reason;
  EXPECT_NE(result.reason.find("below 0.03 with 95 % confidence"), std::string::npos);
}

TEST_F(Explorer, gives_both_places_of_a_race) {
  const Case result = run(plan_for(gcc_subjects, "publish_relaxed_broken"));
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_TRUE(result.reason.starts_with("found at schedule ")) << result.reason;
  ASSERT_EQ(result.findings[0].stacks.size(), 2U);
  for (const auto& stack : result.findings[0].stacks) {
    ASSERT_FALSE(stack.empty());
    EXPECT_TRUE(stack.front().file.ends_with("subjects/objects.cpp")) << stack.front().file;
    EXPECT_GT(stack.front().line, 0);
  }
  EXPECT_FALSE(result.findings[0].fingerprint.empty());
}

TEST_F(Explorer, says_who_freed_what_was_used) {
  const Case result = run(plan_for(gcc_subjects, "use_after_free_broken"));
  EXPECT_NE(result.reason.find("use after free"), std::string::npos) << result.reason;
  ASSERT_TRUE(has_rule(result, "explore.use-after-free"));
}

TEST_F(Explorer, names_the_holders_in_a_deadlock) {
  const Case result = run(plan_for(gcc_subjects, "lock_order_broken"));
  EXPECT_NE(result.reason.find("T0 locks that T2 holds; T2 locks that T0 holds"), std::string::npos)
      << result.reason;
}

TEST_F(Explorer, names_an_uncontrolled_call) {
  for (const auto& [subject, reason] :
       {std::pair{"waits_for_outside", "blocked in uncontrolled call open"},
        std::pair{"uses_signalfd", "uncontrolled: signalfd"},
        std::pair{"uses_raw_system_call", "uncontrolled: syscall number 61"}}) {
    const Case result = run(plan_for(gcc_subjects, subject));
    EXPECT_EQ(result.verdict, Verdict::inconclusive) << subject;
    EXPECT_EQ(result.reason, reason);
  }
}

TEST_F(Explorer, refuses_a_program_without_its_runtime) {
  const Expected<Report> report = contend::explore::explore(plan_for("/bin/true", ""));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, ErrorKind::usage);
  EXPECT_NE(report.error().message.find("is not linked with contend::explore"), std::string::npos);
}

TEST_F(Explorer, says_what_kept_a_program_from_its_beginning) {
  const ScratchFolder folder = *ScratchFolder::make();
  const auto program = folder.path() / "program";
  const auto refusal_of = [&](const char* text) {
    EXPECT_TRUE(write_file(program, text));
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    const Expected<Report> report = contend::explore::explore(plan_for(program, ""));
    EXPECT_FALSE(report);
    return report ? Error{} : report.error();
  };
  // What the loader does when a library is missing, and a crash on the way.
  const Error missing =
      refusal_of("#!/bin/sh\necho program: liblost.so: not found >&2\nexit 127\n");
  EXPECT_EQ(missing.kind, ErrorKind::world);
  EXPECT_TRUE(
      missing.message.ends_with("before it could be explored: program: liblost.so: not found"))
      << missing.message;
  const Error crashed = refusal_of("#!/bin/sh\nkill -SEGV $$\n");
  EXPECT_EQ(crashed.kind, ErrorKind::world);
  EXPECT_EQ(refusal_of("#!/bin/sh\nexit 1\n").kind, ErrorKind::usage) << "it ran, by itself";
}

TEST_F(Explorer, gives_the_same_numbers_for_the_same_seed) {
  Plan plan = plan_for(gcc_subjects, "every_primitive_fixed");
  plan.schedules = 60;
  Plan again = plan;
  EXPECT_EQ(run(plan).reason, run(again).reason);
  plan = plan_for(gcc_subjects, "counter_load_then_store");
  EXPECT_EQ(run(plan).reason, run(plan).reason);
}

}  // namespace
}  // namespace contend::explore
