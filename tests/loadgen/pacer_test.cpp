#include "loadgen/pacer.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;
using TimePoint = Pacer::TimePoint;

const TimePoint start{1h};

struct Due {
  std::uint32_t client = 0;
  TimePoint at;

  bool operator==(const Due&) const = default;
};

/// Of the clients whose number is `shard` modulo `shards`.
std::vector<Due> plan_of(const Schedule& schedule, std::uint32_t shard, std::uint32_t shards,
                         TimePoint end = start + 100s) {
  std::vector<std::uint32_t> mine;
  for (std::uint32_t c = shard; c < schedule.clients; c += shards) mine.push_back(c);
  std::vector<Due> all;
  for (Pacer pacer(schedule, start, end, mine); pacer.next() != TimePoint::max(); pacer.advance()) {
    all.push_back({mine[pacer.whose()], pacer.next()});
  }
  return all;
}

std::vector<double> due_times(const Schedule& schedule, TimePoint end = start + 100s) {
  std::vector<double> all;
  for (const Due& due : plan_of(schedule, 0, 1, end)) {
    all.push_back(std::chrono::duration<double>(due.at - start).count());
  }
  return all;
}

TEST(Pacer, equal_gaps_keep_the_rate_exactly) {
  const auto due = due_times({Arrival::uniform, 1000, 1, 7});
  EXPECT_NEAR(static_cast<double>(due.size()), 100'000, 1);
  for (std::size_t i = 1; i < due.size(); ++i) ASSERT_NEAR(due[i] - due[i - 1], 0.001, 2e-9);
}

TEST(Pacer, poisson_gaps_have_the_mean_and_spread_of_their_law) {
  const auto due = due_times({Arrival::poisson, 1000, 1, 7});
  EXPECT_NEAR(static_cast<double>(due.size()), 100'000, 5 * std::sqrt(100'000));
  double above_mean = 0;
  for (std::size_t i = 1; i < due.size(); ++i) above_mean += due[i] - due[i - 1] > 0.001 ? 1 : 0;
  EXPECT_NEAR(above_mean / static_cast<double>(due.size()), std::exp(-1), 0.01);
}

TEST(Pacer, the_same_seed_gives_the_same_times_and_another_does_not) {
  EXPECT_EQ(due_times({Arrival::poisson, 10, 7, 3}), due_times({Arrival::poisson, 10, 7, 3}));
  EXPECT_NE(due_times({Arrival::poisson, 10, 7, 3}), due_times({Arrival::poisson, 10, 8, 3}));
}

TEST(Pacer, ends_with_its_messages_or_its_time) {
  EXPECT_EQ(due_times({Arrival::poisson, 1000, 1, 5, 42}).size(), 42U);
  for (const double due : due_times({Arrival::poisson, 1000, 1, 7}, start + 1s))
    ASSERT_LT(due, 1.0);
}

TEST(Pacer, a_number_of_messages_keeps_the_rate_however_few_a_client_has) {
  for (const std::uint32_t clients : {1U, 10U, 10'000U}) {
    const auto due = due_times({Arrival::poisson, 1000, 1, clients, 10'000});
    ASSERT_EQ(due.size(), 10'000U);
    EXPECT_LE(due.back(), 10.0);
    const auto first_half = std::ranges::count_if(due, [](double at) { return at < 5; });
    EXPECT_NEAR(static_cast<double>(first_half), 5000, 5 * std::sqrt(2500)) << clients;
  }
}

TEST(Pacer, shards_together_have_exactly_the_plan_of_one) {
  for (const Arrival arrival : {Arrival::poisson, Arrival::uniform}) {
    for (const std::optional<std::uint64_t> messages : {std::optional<std::uint64_t>(), {1003}}) {
      const Schedule schedule{arrival, 1000, 7, 10, messages};
      std::vector<Due> joined;
      for (std::uint32_t shard = 0; shard < 4; ++shard) {
        const auto part = plan_of(schedule, shard, 4, start + 2s);
        joined.insert(joined.end(), part.begin(), part.end());
      }
      std::ranges::sort(joined, {}, [](const Due& due) { return std::pair(due.at, due.client); });
      EXPECT_EQ(joined, plan_of(schedule, 0, 1, start + 2s));
      EXPECT_GT(joined.size(), 900U);
    }
  }
}

}  // namespace
}  // namespace contend::loadgen
