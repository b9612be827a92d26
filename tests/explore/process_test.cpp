// One process may make many executions. Each is what it would have been in a process of its own.
#include <csignal>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "races/explore/target.hpp"
#include "tests/explore/exploring.hpp"

namespace contend::explore {
namespace {

constexpr std::uint64_t executions = 20;

class Process : public ::testing::TestWithParam<std::tuple<std::string, std::string>> {
 protected:
  Target start() const {
    return *Target::start({std::get<0>(GetParam()), std::get<1>(GetParam())});
  }
};

Execution run(Target& target, std::uint64_t seed) {
  Instruction told;
  told.seed = seed;
  return *target.run(told, {});
}

using Quiet = Process;
using Leaving = Process;

TEST_P(Quiet, makes_them_all_and_each_starts_afresh) {
  Target target = start();
  EXPECT_EQ(run(target, 0).exit_code, 0);  // tells how many threads there are, for the next process
  std::set<std::int32_t> processes;
  for (std::uint64_t seed = 0; seed < executions; ++seed) {
    const Execution done = run(target, seed);
    EXPECT_EQ(done.exit_code, 0) << seed;
    processes.insert(done.process);
  }
  EXPECT_EQ(processes.size(), 1U);
}

TEST_P(Quiet, may_be_killed_between_two_executions) {
  Target target = start();
  run(target, 0);
  const std::int32_t idle = run(target, 1).process;
  ASSERT_EQ(::kill(idle, SIGKILL), 0);
  for (std::uint64_t seed = 2; seed < 5; ++seed) {
    const Execution done = run(target, seed);
    EXPECT_EQ(done.exit_code, 0);
    EXPECT_NE(done.process, idle);
  }
}

TEST_P(Leaving, makes_one_execution_and_none_finds_what_another_left) {
  Target target = start();
  std::set<std::int32_t> processes;
  const std::optional<int> code = run(target, 0).exit_code;
  for (std::uint64_t seed = 1; seed <= executions; ++seed) {
    const Execution done = run(target, seed);
    EXPECT_EQ(done.exit_code, code) << seed;
    EXPECT_TRUE(processes.insert(done.process).second) << seed;
  }
}

struct Made {
  std::uint64_t hash;
  std::uint64_t steps;
  std::vector<std::uint16_t> picked;
  std::optional<int> exit_code;
  std::uint32_t races;
  bool operator==(const Made&) const = default;
};

Made made(const Execution& execution) {
  Made made{execution.result.hash,
            execution.result.steps,
            {},
            execution.exit_code,
            execution.result.race_count};
  for (const Choice& choice : execution.choices) made.picked.push_back(choice.picked);
  return made;
}

// First and last of a process, alone in one, and after others: the same.
using Any = Process;
TEST_P(Any, makes_the_same_of_a_seed_whatever_was_before) {
  std::vector<Made> in_order;
  {
    Target target = start();
    for (std::uint64_t seed = 0; seed < executions; ++seed) {
      in_order.push_back(made(run(target, seed)));
    }
  }
  Target backwards = start();
  for (std::uint64_t seed = executions; seed-- > 0;) {
    EXPECT_EQ(made(run(backwards, seed)), in_order[seed]) << seed;
  }
  for (const std::uint64_t seed : {0U, 7U, 19U}) {
    Target alone = start();
    EXPECT_EQ(made(run(alone, seed)), in_order[seed]) << seed;
  }
}

const auto both = ::testing::Values(gcc_subjects, clang_subjects);

std::string subject_and_compiler(const ::testing::TestParamInfo<Process::ParamType>& of) {
  const std::string compiler = std::get<0>(of.param) == gcc_subjects ? "gcc_" : "clang_";
  return compiler + std::get<1>(of.param);
}

INSTANTIATE_TEST_SUITE_P(
    Explorer, Quiet,
    ::testing::Combine(both,
                       ::testing::Values("finds_all_fresh", "ends_at_once", "thread_locals_fixed",
                                         "counter_mutex", "every_primitive_fixed")),
    subject_and_compiler);
INSTANTIATE_TEST_SUITE_P(
    Explorer, Leaving,
    ::testing::Combine(both, ::testing::Values("leaves_a_descriptor", "leaves_a_duplicate",
                                               "leaves_a_handler", "leaves_a_blocked_signal",
                                               "leaves_a_folder", "eventfd_fixed")),
    subject_and_compiler);
INSTANTIATE_TEST_SUITE_P(
    Explorer, Any,
    ::testing::Combine(both,
                       ::testing::Values("counter_plain", "counter_load_then_store",
                                         "tells_where_a_large_block_is", "every_primitive_fixed",
                                         "lost_wakeup_broken", "crash_broken", "sleepers_fixed",
                                         "leak_list_broken", "end_in_two_ways", "pipe_broken",
                                         "c11_account_broken")),
    subject_and_compiler);

}  // namespace
}  // namespace contend::explore
