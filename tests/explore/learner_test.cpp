#include "races/explore/learner.hpp"

#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "races/explore/portfolio.hpp"

namespace contend::explore {
namespace {

constexpr std::uint64_t often = 0x100;
constexpr std::uint64_t seldom = 0x200;
constexpr std::uint64_t unshared = 0x300;

/// Two threads: 18 events on one object, 2 on another, and many on one that is not shared.
Learner learnt() {
  std::vector<Event> events{{.object = 1, .thread = 0, .op = Op::create}};
  const auto add = [&](int times, std::uint64_t object, std::uint16_t thread) {
    events.insert(events.end(), static_cast<std::size_t>(times),
                  {.object = object, .thread = thread, .op = Op::write});
  };
  for (const std::uint16_t thread : {std::uint16_t{0}, std::uint16_t{1}}) {
    add(9, often, thread);
    add(1, seldom, thread);
  }
  add(50, unshared, 1);
  Execution execution;
  execution.events = events;
  Learner learner;
  learner.learn(execution, 0);
  learner.learn(execution, 0);
  return learner;
}

TEST(Learner, draws_shared_objects_by_their_events_and_evenly_in_turn) {
  const Learner learner = learnt();
  std::map<std::uint64_t, int> drawn;
  for (std::uint64_t ticket = 0; ticket < 80; ++ticket) ++drawn[learner.draw_object(ticket)];
  EXPECT_EQ(drawn[often], 40 * 9 / 10 + 20);
  EXPECT_EQ(drawn[seldom], 40 / 10 + 20);
  EXPECT_EQ(drawn.size(), 2U) << "nothing else is shared";
  EXPECT_EQ(Learner().draw_object(7), 0U);
}

TEST(Portfolio, samples_first_and_searches_more_later) {
  const auto searches_in = [](int from, int until) {
    Portfolio portfolio(Plan{.strategy = "portfolio"});
    const Learner learner = learnt();
    for (int i = 0; i < from; ++i) portfolio.next(learner);
    int searches = 0;
    for (int i = from; i < until; ++i) {
      const auto kind = portfolio.next(learner).instruction.strategy;
      searches += kind == StrategyKind::first ? 1 : 0;
    }
    return searches;
  };
  EXPECT_EQ(searches_in(0, 48), 6);
  EXPECT_EQ(searches_in(48, 96), 18);
}

}  // namespace
}  // namespace contend::explore
