#include "loadgen/pacer.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;
using TimePoint = Pacer::TimePoint;

const TimePoint start{1h};

std::vector<double> due_times(const Schedule& schedule, TimePoint end = start + 100s) {
  std::vector<double> all;
  for (Pacer pacer(schedule, start, end); pacer.next() != TimePoint::max(); pacer.advance()) {
    all.push_back(std::chrono::duration<double>(pacer.next() - start).count());
  }
  return all;
}

TEST(Pacer, equal_gaps_keep_the_rate_exactly) {
  const auto due = due_times({Arrival::uniform, 1000, 1});
  EXPECT_NEAR(static_cast<double>(due.size()), 100'000, 1);
  for (std::size_t i = 1; i < due.size(); ++i) ASSERT_NEAR(due[i] - due[i - 1], 0.001, 2e-9);
}

TEST(Pacer, poisson_gaps_have_the_mean_and_spread_of_their_law) {
  const auto due = due_times({Arrival::poisson, 1000, 1});
  EXPECT_NEAR(static_cast<double>(due.size()), 100'000, 5 * std::sqrt(100'000));
  double above_mean = 0;
  for (std::size_t i = 1; i < due.size(); ++i) above_mean += due[i] - due[i - 1] > 0.001 ? 1 : 0;
  EXPECT_NEAR(above_mean / static_cast<double>(due.size()), std::exp(-1), 0.01);
}

TEST(Pacer, the_same_seed_gives_the_same_times_and_another_does_not) {
  EXPECT_EQ(due_times({Arrival::poisson, 10, 7}), due_times({Arrival::poisson, 10, 7}));
  EXPECT_NE(due_times({Arrival::poisson, 10, 7}), due_times({Arrival::poisson, 10, 8}));
}

TEST(Pacer, ends_with_its_messages_or_its_time) {
  EXPECT_EQ(due_times({Arrival::poisson, 1000, 1, 42}).size(), 42U);
  for (const double due : due_times({Arrival::poisson, 1000, 1}, start + 1s)) ASSERT_LT(due, 1.0);
}

}  // namespace
}  // namespace contend::loadgen
