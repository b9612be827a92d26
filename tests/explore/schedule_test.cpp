#include "races/explore/schedule.hpp"

#include <gtest/gtest.h>

namespace contend::explore {
namespace {

bool same(const Choice& a, const Choice& b) {
  return a.picked == b.picked && a.count == b.count && a.thread == b.thread && a.kind == b.kind &&
         a.may_continue == b.may_continue && a.check == b.check;
}

TEST(Schedule, survives_its_file) {
  Schedule written;
  written.argv = {"./program", "--with", "\"quotes\""};
  written.name = "program";
  written.rule = "explore.abort";
  written.seed = ~0ULL;
  written.start_points = true;
  written.racy = {0x10, 0x20};
  written.hash = 0xfedcba9876543210U;
  written.choices = {{1, 3, 2, ChoiceKind::thread, true, 0xffffffffU},
                     {0, 2, 1, ChoiceKind::waiter, false, 7}};
  const Expected<Schedule> read = schedule_from_json(to_json(written));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->argv, written.argv);
  EXPECT_EQ(read->seed, written.seed);
  EXPECT_TRUE(read->start_points);
  EXPECT_FALSE(read->unlock_points);
  EXPECT_EQ(read->hash, written.hash);
  EXPECT_EQ(read->racy, written.racy);
  ASSERT_EQ(read->choices.size(), 2U);
  EXPECT_TRUE(same(read->choices[0], written.choices[0]));
  EXPECT_TRUE(same(read->choices[1], written.choices[1]));
}

TEST(Schedule, refuses_what_is_none) {
  EXPECT_FALSE(schedule_from_json("["));
  EXPECT_FALSE(schedule_from_json("[]"));
  EXPECT_FALSE(schedule_from_json(R"({"format": "contend.schedule/1"})"));
}

}  // namespace
}  // namespace contend::explore
