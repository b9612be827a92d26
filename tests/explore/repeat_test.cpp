// Executions repeated in one process are those that a process each would have made.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "races/explore/judge.hpp"
#include "races/explore/target.hpp"
#include "tests/explore/exploring.hpp"

namespace contend::explore {
namespace {

constexpr std::uint32_t batch = 400;

Target start(const std::string& name) {
  return *Target::start({CONTEND_REPEATED, name});
}

Execution run(Target& target, std::uint64_t seed, std::uint32_t repeat,
              const std::vector<Race>& known = {}) {
  Instruction told;
  told.seed = seed;
  told.repeat = repeat;
  return *target.run(told, {}, known);
}

TEST(Repeat, counts_the_uneventful) {
  for (const char* name : {"locked", "own", "selves", "kept"}) {
    Target target = start(name);
    EXPECT_TRUE(run(target, 1, 0).result.can_repeat);
    const Execution done = run(target, 1, batch);
    EXPECT_EQ(done.result.repeated, batch) << name;
    EXPECT_EQ(done.result.race_count, 0U);
    EXPECT_GT(done.result.processor_ns, 0U);
  }
}

TEST(Repeat, stops_at_a_new_race) {
  Target target = start("plain");
  const Execution done = run(target, 1, batch);
  EXPECT_LT(done.result.repeated, batch);
  EXPECT_GE(done.result.race_count, 1U);
}

// There are faults that only ask who somebody is; this one is none of them.
TEST(Repeat, stops_at_a_crash) {
  Target target = start("crash");
  const Execution done = run(target, 1, batch);
  EXPECT_EQ(done.result.repeated, 0U);
  EXPECT_EQ(done.result.ending, Ending::crashed);
}

// Its races known, the plain counter is stopped by its lost updates alone; each of them is lost
// again in a process of its own, under the same choices.
TEST(Repeat, stops_where_a_process_of_its_own_fails) {
  Target target = start("plain");
  std::vector<Race> known;
  std::vector<std::uint64_t> places;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    for (const Race& race : run(target, seed, 0).races) {
      known.push_back(race);
      places.push_back(race.earlier.stack.pc[0] - target.base());
      places.push_back(race.later.stack.pc[0] - target.base());
    }
    known.resize(std::min<std::size_t>(known.size(), 8));
    target.set_racy(places);
  }
  std::uint64_t seed = 0;
  int lost = 0;
  for (int i = 0; i < 60; ++i, ++seed) {
    const Execution many = run(target, seed, batch, known);
    seed += many.result.repeated;
    const std::vector<Choice> choices(many.choices.begin(), many.choices.end());
    const Execution alone = run(target, seed, 0);
    ASSERT_EQ(alone.choices.size(), choices.size()) << seed;
    for (std::size_t k = 0; k < choices.size(); ++k) {
      EXPECT_EQ(alone.choices[k].picked, choices[k].picked) << seed;
    }
    if (judge(alone, "")) ++lost;
  }
  EXPECT_GT(lost, 20);
}

TEST(Repeat, stops_at_a_leak_unless_none_is_looked_for) {
  Target target = start("lost");
  Instruction told;
  told.repeat = batch;
  for (const bool leaks : {true, false}) {
    told.leaks = leaks;
    const Execution done = *target.run(told, {});
    EXPECT_EQ(done.result.repeated, leaks ? 0U : batch);
    EXPECT_EQ(done.leaks.size(), leaks ? 1U : 0U);
  }
}

// The execution that a repetition stops at leaks in a process of its own, and none before it does.
TEST(Repeat, stops_where_a_process_of_its_own_leaks) {
  Target target = start("rarely_lost");
  const Execution many = run(target, 1, batch);
  const std::uint32_t clean = many.result.repeated;
  ASSERT_EQ(many.leaks.size(), 1U);
  ASSERT_GT(clean, 0U);
  for (std::uint32_t i = 0; i <= clean; ++i) {
    EXPECT_EQ(run(target, 1 + i, 0).leaks.empty(), i < clean) << i;
  }
}

TEST_F(Exploring, repeats_where_there_are_many_schedules_to_run) {
  Plan plan;
  plan.argv = {CONTEND_REPEATED, "locked"};
  plan.name = "locked";
  plan.strategy = "random";
  plan.schedules = 50'000;
  plan.at_once = 1000;
  const Case result = run(plan);
  EXPECT_EQ(result.verdict, Verdict::passed);
  EXPECT_NE(result.reason.find("not found in 50,000 schedules"), std::string::npos)
      << result.reason;
  plan.argv[1] = "rarely_lost";
  EXPECT_NE(run(plan).reason.find("leak of 4 bytes in 1 block"), std::string::npos);
  plan.argv[1] = "plain";
  EXPECT_EQ(run(plan).verdict, Verdict::failed);
}

}  // namespace
}  // namespace contend::explore
