// The strategies on programs made of numbers: no thread, no hook. Seeds are fixed, so the counts
// are the same everywhere.
#include "races/explore/strategy/strategy.hpp"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace contend::explore {
namespace {

/// Threads that each do the given number of steps on one object; returns who went when.
std::string execute(Strategy& strategy, std::vector<int> left, Op op = Op::write) {
  std::string order;
  std::vector<std::uint64_t> done(left.size(), 0);
  std::size_t running = left.size();
  for (std::uint64_t step = 0;; ++step) {
    std::vector<Candidate> candidates;
    const auto add = [&](std::size_t thread) {
      if (left[thread] > 0)
        candidates.push_back({static_cast<std::uint16_t>(thread), op, 8, done[thread]});
    };
    if (running < left.size()) add(running);
    const bool may_continue = !candidates.empty();
    for (std::size_t thread = 0; thread < left.size(); ++thread) {
      if (thread != running) add(thread);
    }
    if (candidates.empty()) return order;
    std::uint32_t picked = 0;
    if (candidates.size() > 1) {
      picked = strategy.pick(
          {candidates.data(), static_cast<std::uint32_t>(candidates.size()), may_continue, step});
    }
    running = candidates.at(picked).thread;
    --left[running];
    ++done[running];
    order += static_cast<char>('A' + running);
  }
}

std::map<std::string, int> orders(StrategyKind kind, const std::vector<int>& steps, int executions,
                                  std::uint8_t depth = 3) {
  std::map<std::string, int> seen;
  std::vector<Learnt> learnt(steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i)
    learnt[i].weight = static_cast<std::uint32_t>(steps[i]);
  auto strategy = std::make_unique<Strategy>();
  for (int i = 0; i < executions; ++i) {
    Instruction told;
    told.strategy = kind;
    told.depth = depth;
    told.seed = static_cast<std::uint64_t>(i);
    told.expected_steps = 6;
    told.target = 8;
    told.learnt_threads = static_cast<std::uint32_t>(steps.size());
    strategy->begin(told, learnt.data());
    ++seen[execute(*strategy, steps)];
  }
  return seen;
}

TEST(Strategy, first_never_switches_on_its_own) {
  const auto seen = orders(StrategyKind::first, {3, 3}, 3);
  EXPECT_EQ(seen, (std::map<std::string, int>{{"AAABBB", 3}}));
}

TEST(Strategy, the_same_seed_makes_the_same_schedule) {
  for (const StrategyKind kind :
       {StrategyKind::random_walk, StrategyKind::pct, StrategyKind::pos, StrategyKind::surw}) {
    EXPECT_EQ(orders(kind, {4, 4, 4}, 50), orders(kind, {4, 4, 4}, 50));
  }
}

TEST(RandomWalk, reaches_every_order) {
  EXPECT_EQ(orders(StrategyKind::random_walk, {2, 2}, 2000).size(), 6U);
}

// Two threads of unequal length: a walk reaches some orders far more often than others, SURW all of
// the 10 orders about equally.
TEST(Surw, is_uniform_where_a_random_walk_is_not) {
  const auto uniform = orders(StrategyKind::surw, {3, 2}, 10'000);
  ASSERT_EQ(uniform.size(), 10U);
  for (const auto& [order, count] : uniform) {
    EXPECT_GT(count, 850) << order;
    EXPECT_LT(count, 1150) << order;
  }
  int rarest = 10'000;
  for (const auto& [order, count] : orders(StrategyKind::random_walk, {3, 2}, 10'000)) {
    rarest = std::min(rarest, count);
  }
  EXPECT_LT(rarest, 850);
}

/// T0 creates three threads, one after the other; each does a step that is not selected and one
/// that is. Returns in which order the selected ones came.
std::string created_in_turn(Strategy& strategy) {
  constexpr std::uint64_t selected = 8;
  std::string order;
  std::vector<std::uint64_t> done(1, 0);
  for (std::uint64_t step = 0; order.size() < 3; ++step) {
    std::vector<Candidate> candidates;
    if (done[0] < 6) candidates.push_back({0, Op::read, 16, done[0]});
    for (std::size_t thread = 1; thread < done.size(); ++thread) {
      if (done[thread] == 2) continue;
      const std::uint64_t object = done[thread] == 1 ? selected : 24 + thread;
      candidates.push_back({static_cast<std::uint16_t>(thread), Op::write, object, done[thread]});
    }
    std::uint32_t picked = 0;
    if (candidates.size() > 1) {
      picked = strategy.pick(
          {candidates.data(), static_cast<std::uint32_t>(candidates.size()), false, step});
    }
    const std::size_t thread = candidates.at(picked).thread;
    ++done[thread];
    if (thread == 0 && done[0] % 2 == 0) done.push_back(0);
    if (thread != 0 && done[thread] == 2) order += static_cast<char>('A' + thread);
  }
  return order;
}

TEST(Surw, is_uniform_over_threads_that_are_created_on_the_way) {
  const std::vector<Learnt> learnt{{.weight = 0}, {.weight = 1}, {.weight = 1}, {.weight = 1}};
  std::map<std::string, int> seen;
  auto strategy = std::make_unique<Strategy>();
  for (std::uint64_t seed = 0; seed < 6000; ++seed) {
    Instruction told;
    told.strategy = StrategyKind::surw;
    told.seed = seed;
    told.target = 8;
    told.learnt_threads = 4;
    strategy->begin(told, learnt.data());
    ++seen[created_in_turn(*strategy)];
  }
  ASSERT_EQ(seen.size(), 6U);
  for (const auto& [order, count] : seen) {
    EXPECT_GT(count, 850) << order;
    EXPECT_LT(count, 1150) << order;
  }
}

TEST(Pct, switches_at_most_once_less_than_its_depth) {
  const auto switches = [](const std::string& order) {
    int count = 0;
    for (std::size_t i = 1; i < order.size(); ++i) count += order[i] != order[i - 1] ? 1 : 0;
    return count;
  };
  for (const auto& [order, count] : orders(StrategyKind::pct, {3, 3}, 500, 1)) {
    EXPECT_EQ(switches(order), 1) << order;  // the one when the first thread is done
  }
  int most = 0;
  for (const auto& [order, count] : orders(StrategyKind::pct, {3, 3}, 500, 2)) {
    most = std::max(most, switches(order));
  }
  EXPECT_EQ(most, 2);
}

TEST(Pct, puts_whoever_yields_below_the_others) {
  Instruction told;
  told.strategy = StrategyKind::pct;
  told.depth = 1;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    told.seed = seed;
    auto strategy = std::make_unique<Strategy>();
    strategy->begin(told, nullptr);
    const Candidate both[] = {{0, Op::yield, 0, 0}, {1, Op::write, 8, 0}};
    strategy->yielded(0);
    EXPECT_EQ(strategy->pick({both, 2, true, 0}), 1U);
  }
}

TEST(Pos, reaches_every_order) {
  EXPECT_EQ(orders(StrategyKind::pos, {2, 2}, 2000).size(), 6U);
}

}  // namespace
}  // namespace contend::explore
