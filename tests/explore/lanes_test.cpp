// Which steps of a long execution are shown.
#include "races/explore/lanes.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace contend::explore {
namespace {

struct Long {
  std::vector<Event> events;
  std::vector<Choice> choices;  ///< one before each event
};

/// Two threads take turns; at the steps `interrupted`, one that could have gone on did not.
Long steps(std::size_t count, const std::vector<std::size_t>& interrupted) {
  Long made;
  for (std::size_t i = 0; i < count; ++i) {
    made.events.push_back({.thread = static_cast<std::uint16_t>(i % 2),
                           .op = Op::lock,
                           .choices_before = static_cast<std::uint32_t>(i + 1)});
    made.choices.push_back({.picked = 0, .count = 2, .may_continue = true});
  }
  for (const std::size_t i : interrupted) made.choices[i].picked = 1;
  return made;
}

std::vector<LaneStep> lanes(const Long& all) {
  Symbols symbols("/bin/true", 0);
  SourceLines sources("/");
  return lanes_of(all.events, all.choices, symbols, sources, 20);
}

std::vector<std::string> remarks(const std::vector<LaneStep>& lanes) {
  std::vector<std::string> found;
  for (const LaneStep& step : lanes) {
    if (step.lane < 0) found.push_back(step.what);
    if (step.switched) found.push_back(std::to_string(step.lane));
  }
  return found;
}

using Shown = std::vector<std::string>;

TEST(Lanes, are_all_steps_where_there_are_few) {
  const std::vector<LaneStep> all = lanes(steps(20, {3}));
  EXPECT_EQ(all.size(), 20U);
  EXPECT_EQ(remarks(all), Shown{"1"});
}

TEST(Lanes, are_the_first_and_the_last_of_many) {
  const std::vector<LaneStep> all = lanes(steps(300, {}));
  EXPECT_EQ(all.size(), 5U + 1U + 10U);
  EXPECT_EQ(remarks(all), Shown{"285 steps"});
}

TEST(Lanes, show_where_somebody_was_interrupted_however_long_ago) {
  const std::vector<LaneStep> all = lanes(steps(300, {5, 100, 298}));
  EXPECT_EQ(remarks(all), (Shown{"1", "93 steps", "0", "189 steps", "0"}));
  EXPECT_EQ(all.size(), 6U + 1U + 2U + 1U + 10U);
}

TEST(Lanes, have_no_remark_on_a_single_step) {
  const std::vector<LaneStep> all = lanes(steps(300, {7}));
  EXPECT_EQ(remarks(all), (Shown{"1", "282 steps"}));
  EXPECT_EQ(all.size(), 8U + 1U + 10U);
}

TEST(Lanes, show_the_first_of_many_interruptions) {
  std::vector<std::size_t> each;
  for (std::size_t i = 10; i < 290; ++i) each.push_back(i);
  const std::vector<LaneStep> all = lanes(steps(300, each));
  EXPECT_EQ(remarks(all), (Shown{"4 steps", "0", "1", "278 steps"}));
}

TEST(Lanes, have_one_line_for_what_one_does_again_and_again) {
  Long all = steps(7, {});
  for (std::size_t i = 1; i < 6; ++i) all.events[i].thread = 0;
  std::vector<std::string> said;
  for (const LaneStep& step : lanes(all)) said.push_back(step.what);
  EXPECT_EQ(said, (Shown{"locks ×7"}));
  all.events[3].thread = 1;
  said.clear();
  for (const LaneStep& step : lanes(all)) said.push_back(step.what);
  EXPECT_EQ(said, (Shown{"locks ×3", "locks", "locks ×3"}));
}

}  // namespace
}  // namespace contend::explore
