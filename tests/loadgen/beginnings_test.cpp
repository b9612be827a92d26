#include "loadgen/beginnings.hpp"

#include <gtest/gtest.h>

#include "tests/loadgen/loadgen_run.hpp"
#include "tests/support/scripted_server.hpp"

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;

const Clock::time_point start{1h};

/// Two seconds of a run, an answer each millisecond, those of the first 80 ms ten times slower.
struct Played {
  explicit Played(Nanoseconds slow_for = 80ms, Nanoseconds silent_for = 0ms,
                  std::optional<Nanoseconds> known_length = 2s)
      : beginnings(known_length) {
    EXPECT_EQ(beginnings.next(), Clock::time_point::max()) << "it has not begun";
    beginnings.start(start);
    tally.timeline.begin(start);
    for (auto t = 0ms; t < 2000ms; ++t) {
      const auto now = start + t;
      if (now >= beginnings.next()) beginnings.keep(now, std::span(&tally, 1));
      if (t == 500ms) (first_half_second = {.length = t}).add(tally);
      if (t < silent_for) continue;
      const Nanoseconds latency = (t < slow_for ? 10ms : 1ms) + (t.count() * 7919 % 100) * 1us;
      tally.service.record(latency);
      tally.timeline.record(now, latency);
    }
  }

  LeftOut leave_out() {
    beginnings.end(start + 2s);
    return loadgen::leave_out(0ms, beginnings, alone, tally);
  }

  Tally tally;
  Beginning alone;
  Beginning first_half_second;
  Beginnings beginnings;
};

TEST(Beginnings, are_kept_in_the_first_tenth_and_never_after_it) {
  const Played played;
  ASSERT_EQ(played.beginnings.all().size(), 5U);
  EXPECT_EQ(played.beginnings.all().front().length, 12ms) << "11.25 ms, seen at the next look";
  EXPECT_EQ(played.beginnings.all().front().service.count(), 12U);
  EXPECT_EQ(played.beginnings.all().back().length, 180ms);
  EXPECT_EQ(played.beginnings.next(), Clock::time_point::max());
  Beginnings late(2s);
  late.start(start);
  late.keep(start + 201ms, {});
  EXPECT_TRUE(late.all().empty());
  EXPECT_EQ(late.next(), Clock::time_point::max()) << "its time is over";
}

TEST(Beginnings, the_one_that_is_unlike_the_rest_is_left_out) {
  Played played;
  const LeftOut left_out = played.leave_out();
  EXPECT_EQ(left_out.length, 90ms);
  EXPECT_EQ(left_out.stationary, true);
  EXPECT_EQ(played.tally.service.count(), 2000U - 90U);
  EXPECT_LT(played.tally.service.max(), 2'000'000);
}

TEST(Beginnings, before_the_first_answer_there_is_nothing_to_leave_out) {
  Played slow_at_last(80ms, 60ms);
  EXPECT_EQ(slow_at_last.leave_out().length, 90ms);
  EXPECT_EQ(slow_at_last.tally.service.count(), 2000U - 90U);
  Played level(0ms, 60ms);
  const LeftOut nothing = level.leave_out();
  EXPECT_EQ(nothing.length, 0ms);
  EXPECT_EQ(nothing.stationary, true);
}

TEST(Beginnings, of_a_level_run_nothing_is_left_out) {
  Played played(0ms);
  const LeftOut left_out = played.leave_out();
  EXPECT_EQ(left_out.length, 0ms);
  EXPECT_EQ(left_out.stationary, true);
  EXPECT_EQ(played.tally.service.count(), 2000U);
}

TEST(Beginnings, of_a_run_that_never_settles_nothing_is_left_out_either) {
  Played played(1000ms);
  const LeftOut left_out = played.leave_out();
  EXPECT_EQ(left_out.length, 0ms);
  EXPECT_EQ(left_out.stationary, false);
  EXPECT_EQ(played.tally.service.count(), 2000U);
}

TEST(Beginnings, of_a_run_whose_length_nobody_knows_are_a_tenth_at_most_in_the_end) {
  Played counted(80ms, 0ms, std::nullopt);
  EXPECT_EQ(counted.beginnings.all().back().length, 1280ms) << "10 ms, 20, 40, …";
  EXPECT_EQ(counted.leave_out().length, 160ms) << "80 ms end within an interval";
  EXPECT_EQ(counted.beginnings.all().back().length, 160ms);
  EXPECT_EQ(counted.tally.service.count(), 2000U - 160U);
  Played interrupted;
  interrupted.beginnings.end(start + 1s);
  EXPECT_EQ(interrupted.beginnings.all().back().length, 90ms) << "two seconds were planned";
}

TEST(Beginnings, are_looked_for_before_the_run_became_another_one) {
  Played played;
  played.alone = played.first_half_second;
  // Bad clients come after half a second, and all takes longer from then on.
  for (auto t = 500ms; t < 2000ms; ++t) played.tally.timeline.record(start + t, 50ms);
  EXPECT_EQ(Played(played).leave_out().length, 90ms);
  EXPECT_EQ(played.leave_out().stationary, true);
  EXPECT_EQ(played.alone.service.count(), 500U - 90U);
  Played unknown = Played(played);
  unknown.alone = {};
  EXPECT_EQ(unknown.leave_out().stationary, false);
}

TEST(Beginnings, of_several_threads_are_added) {
  Beginnings one = Played().beginnings;
  one.merge(Played().beginnings);
  EXPECT_EQ(one.all().front().service.count(), 24U);
  one.merge(Beginnings(2s));
  EXPECT_TRUE(one.all().empty()) << "one thread kept none, so none is known of the whole";
}

TEST(WarmUpOfARun, is_reported_and_at_most_a_tenth) {
  support::ScriptedServer server(support::echo);
  const Ran found = run_loadgen({"-c", "2", "-d", "600ms", server.target()});
  EXPECT_GE(found.metric("warmup_cut_ns"), 0) << found.text;
  EXPECT_LE(found.metric("warmup_cut_ns"), 60e6) << found.text;
  ASSERT_NE(find_metric(found.only(), "stationary"), nullptr);
  const Ran told = run_loadgen({"-c", "2", "-d", "600ms", "--warmup", "200ms", server.target()});
  EXPECT_EQ(told.metric("warmup_cut_ns"), 200e6) << told.text;
  const Ran none = run_loadgen({"-c", "2", "-d", "300ms", "--warmup", "0", server.target()});
  EXPECT_EQ(none.metric("warmup_cut_ns"), 0) << none.text;
  const Ran counted = run_loadgen({"-c", "2", "-n", "3000", "-R", "5k", server.target()});
  EXPECT_LE(counted.metric("warmup_cut_ns"), counted.only().elapsed_ns / 10) << counted.text;
  EXPECT_GE(counted.metric("intended_p99_ns"), 0);
}

}  // namespace
}  // namespace contend::loadgen
