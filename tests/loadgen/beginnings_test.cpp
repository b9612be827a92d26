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
  explicit Played(Nanoseconds slow_for = 80ms, Nanoseconds silent_for = 0ms) {
    tally.timeline.begin(start);
    for (auto t = 0ms; t < 2000ms; ++t) {
      const auto now = start + t;
      if (now >= beginnings.next()) beginnings.keep(now, std::span(&tally, 1));
      if (t < silent_for) continue;
      const Nanoseconds latency = (t < slow_for ? 10ms : 1ms) + (t.count() * 7919 % 100) * 1us;
      tally.service.record(latency);
      tally.timeline.record(now, latency);
    }
  }

  Tally tally;
  Beginnings beginnings{start, 2s};
};

TEST(Beginnings, are_kept_in_the_first_tenth_and_never_after_it) {
  const Played played;
  ASSERT_EQ(played.beginnings.all().size(), Beginnings::count);
  EXPECT_EQ(played.beginnings.all().front().length, 36ms);
  EXPECT_EQ(played.beginnings.all().front().service.count(), 36U);
  EXPECT_EQ(played.beginnings.all().back().length, 180ms);
  EXPECT_EQ(played.beginnings.next(), Clock::time_point::max());
  Beginnings late(start, 2s);
  late.keep(start + 201ms, {});
  EXPECT_TRUE(late.all().empty());
  EXPECT_EQ(late.next(), Clock::time_point::max()) << "its time is over";
}

TEST(Beginnings, the_one_that_is_unlike_the_rest_is_left_out) {
  Played played;
  const LeftOut left_out = leave_out(0ms, played.beginnings, played.tally);
  EXPECT_EQ(left_out.length, 108ms);
  EXPECT_EQ(left_out.stationary, true);
  EXPECT_EQ(played.tally.service.count(), 2000U - 108U);
  EXPECT_LT(played.tally.service.max(), 2'000'000);
}

TEST(Beginnings, before_the_first_answer_there_is_nothing_to_leave_out) {
  Played slow_at_last(80ms, 60ms);
  EXPECT_EQ(leave_out(0ms, slow_at_last.beginnings, slow_at_last.tally).length, 108ms);
  EXPECT_EQ(slow_at_last.tally.service.count(), 2000U - 108U);
  Played level(0ms, 60ms);
  const LeftOut nothing = leave_out(0ms, level.beginnings, level.tally);
  EXPECT_EQ(nothing.length, 0ms);
  EXPECT_EQ(nothing.stationary, true);
}

TEST(Beginnings, of_a_level_run_nothing_is_left_out) {
  Played played(0ms);
  const LeftOut left_out = leave_out(0ms, played.beginnings, played.tally);
  EXPECT_EQ(left_out.length, 0ms);
  EXPECT_EQ(left_out.stationary, true);
  EXPECT_EQ(played.tally.service.count(), 2000U);
}

TEST(Beginnings, of_a_run_that_never_settles_nothing_is_left_out_either) {
  Played played(1000ms);
  const LeftOut left_out = leave_out(0ms, played.beginnings, played.tally);
  EXPECT_EQ(left_out.length, 0ms);
  EXPECT_EQ(left_out.stationary, false);
  EXPECT_EQ(played.tally.service.count(), 2000U);
}

TEST(Beginnings, of_several_threads_are_added) {
  Beginnings one = Played().beginnings;
  one.merge(Played().beginnings);
  EXPECT_EQ(one.all().front().service.count(), 72U);
  one.merge(Beginnings(start, 2s));
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
  const Ran counted = run_loadgen({"-c", "2", "-n", "100", server.target()});
  EXPECT_EQ(counted.metric("warmup_cut_ns"), 0) << "its length is not known beforehand";
}

}  // namespace
}  // namespace contend::loadgen
