#include "loadgen/rate_search.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

namespace contend::loadgen {
namespace {

using Server = std::function<StepResult(double rate)>;

/// A server that holds every rate up to `capacity`.
Server up_to(double capacity) {
  return
      [capacity](double rate) { return rate <= capacity ? StepResult::held : StepResult::broke; };
}

/// The rates tried, in order.
std::vector<double> search(RateSearch& search, const Server& server) {
  std::vector<double> tried;
  while (const auto rate = search.next()) {
    tried.push_back(*rate);
    if (tried.size() > 100) break;
    search.tell(server(*rate));
  }
  return tried;
}

class AnyCapacity : public ::testing::TestWithParam<double> {};

TEST_P(AnyCapacity, is_found_within_a_twentieth_and_confirmed) {
  RateSearch it(1000);
  const auto tried = search(it, up_to(GetParam()));
  ASSERT_TRUE(it.confirmed());
  EXPECT_LE(*it.confirmed(), GetParam());
  EXPECT_GE(*it.confirmed(), GetParam() / 1.05);
  EXPECT_LT(tried.size(), 30U);
  EXPECT_EQ(std::ranges::count(tried, *it.confirmed()), 2) << "once found, once confirmed";
  EXPECT_FALSE(it.generator_was_the_limit());
}

INSTANTIATE_TEST_SUITE_P(Each, AnyCapacity, ::testing::Values(1.5, 99, 1000, 1001, 54'321, 3e6));

TEST(RateSearch, gives_up_on_a_server_that_holds_nothing) {
  RateSearch it(1000);
  EXPECT_LT(search(it, up_to(0)).size(), 15U);
  EXPECT_FALSE(it.confirmed());
  EXPECT_FALSE(it.held());
}

TEST(RateSearch, tries_nothing_below_the_lowest_rate) {
  RateSearch it(1000, 100);
  EXPECT_GE(std::ranges::min(search(it, up_to(0))), 100);
}

TEST(RateSearch, a_rate_that_held_by_luck_is_not_confirmed_and_a_lower_one_is) {
  RateSearch it(1000);
  search(it, [&it](double rate) { return up_to(it.is_confirming() ? 9000 : 10'000)(rate); });
  ASSERT_TRUE(it.confirmed());
  EXPECT_LE(*it.confirmed(), 9000);
  EXPECT_GE(*it.confirmed(), 8000);
}

TEST(RateSearch, what_never_holds_twice_is_not_confirmed) {
  RateSearch it(1000);
  search(it, [&it](double rate) { return up_to(it.is_confirming() ? 0 : 10'000)(rate); });
  EXPECT_FALSE(it.confirmed());
  EXPECT_TRUE(it.held());
}

TEST(RateSearch, says_when_the_generator_ended_it) {
  RateSearch it(1000);
  search(it, [](double rate) { return rate < 50'000 ? StepResult::held : StepResult::limit; });
  EXPECT_TRUE(it.generator_was_the_limit());
  ASSERT_TRUE(it.confirmed());
  EXPECT_GE(*it.confirmed(), 50'000 / 1.06);
}

}  // namespace
}  // namespace contend::loadgen
