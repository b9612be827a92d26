// The rendezvous by the clock: no state begins early, and those that begin late are counted. How
// far apart two actors meet is the machine's affair, so no test says that.
#include "races/runner/pace.hpp"

#include <gtest/gtest.h>

namespace contend::races {
namespace {

class PaceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_common_ticks()) GTEST_SKIP() << "the counters of this machine's CPUs may differ";
  }
};

TEST_F(PaceTest, no_state_begins_before_it_is_due) {
  const std::uint64_t period = ticks_per_microsecond();
  const std::uint64_t start = ticks() + 100 * period;
  Pace pace;
  pace.begin(start, period);
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    pace.await_next();
    ASSERT_GE(ticks(), start + i * period);
  }
}

TEST_F(PaceTest, what_was_due_already_begins_at_once_and_counts_as_late) {
  Pace pace;
  pace.begin(ticks() - 10, 1);  // and the counter goes faster than that
  for (int i = 0; i < 8; ++i) pace.await_next();
  EXPECT_EQ(pace.late(), 8u);
}

TEST_F(PaceTest, a_batch_begins_with_nothing_late) {
  Pace pace;
  pace.begin(ticks() - 10, 1);
  pace.await_next();
  ASSERT_EQ(pace.late(), 1u);
  pace.begin(ticks(), 1);
  EXPECT_EQ(pace.late(), 0u);
}

}  // namespace
}  // namespace contend::races
