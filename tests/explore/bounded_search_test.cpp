// The search against programs whose number of schedules is known: two threads of n steps each have
// C(2n, n) interleavings.
#include "races/explore/bounded_search.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace contend::explore {
namespace {

struct Ran {
  std::vector<Choice> choices;
  std::string order;
};

/// Two threads, A and B, of `steps` steps each, scheduled by the prefix and then without switching.
Ran execute(std::span<const Choice> prefix, int steps) {
  Ran done;
  int left[2] = {steps, steps};
  int running = 0;
  while (left[0] + left[1] > 0) {
    const bool both = left[0] > 0 && left[1] > 0;
    if (both) {
      const std::size_t number = done.choices.size();
      const std::uint16_t picked = number < prefix.size() ? prefix[number].picked : 0;
      done.choices.push_back({picked, 2, 0, ChoiceKind::thread, true, 0});
      if (picked == 1) running = 1 - running;
    } else if (left[running] == 0) {
      running = 1 - running;
    }
    --left[running];
    done.order += running == 0 ? 'A' : 'B';
  }
  return done;
}

struct Searched {
  std::set<std::string> orders;
  int executions = 0;
  bool cut = false;
};

Searched search(std::uint32_t bound, int steps) {
  BoundedSearch search(bound);
  Searched result;
  while (!search.finished()) {
    const Ran execution = execute(search.prefix(), steps);
    ++result.executions;
    result.orders.insert(execution.order);
    search.advance(execution.choices);
  }
  result.cut = search.cut();
  return result;
}

TEST(BoundedSearch, sees_every_interleaving_once) {
  const Searched all = search(BoundedSearch::unbounded, 3);
  EXPECT_EQ(all.executions, 20);
  EXPECT_EQ(all.orders.size(), 20U);
  EXPECT_FALSE(all.cut);
}

TEST(BoundedSearch, keeps_to_its_bound_and_says_so) {
  const Searched none = search(0, 3);
  EXPECT_EQ(none.executions, 1);
  EXPECT_TRUE(none.cut);
  const Searched one = search(1, 3);
  EXPECT_LT(one.executions, 20);
  EXPECT_GT(one.executions, none.executions);
  EXPECT_TRUE(one.cut);
}

TEST(BoundedSearch, does_not_count_a_switch_that_was_forced) {
  const std::vector<Choice> choices = {{1, 2, 1, ChoiceKind::thread, false, 0},
                                       {1, 2, 1, ChoiceKind::thread, true, 0},
                                       {1, 2, 1, ChoiceKind::waiter, false, 0}};
  EXPECT_EQ(count_preemptions(choices), 1U);
}

}  // namespace
}  // namespace contend::explore
