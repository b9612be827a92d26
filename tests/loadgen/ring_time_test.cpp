// A Ring and the clock: moments, waiting, and when what it tells of came.
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/loadgen/ring_end.hpp"

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;
using Clock = Ring::Clock;

TEST_F(RingTest, says_a_time_at_which_what_it_tells_of_had_come) {
  RingEnd first(*ring_);
  RingEnd second(*ring_);
  RingEnd leaver(*ring_);
  Clock::time_point before;
  std::optional<Clock::time_point> said;
  std::optional<Clock::time_point> told;
  first.on_receive = [&] {
    EXPECT_GE(ring_->now(), before);
    EXPECT_LE(ring_->now(), Clock::now());
    second.say("x");
    said = Clock::now();
    leaver.leave();  // the kernel has the other's bytes in the ring by now
  };
  second.on_receive = [&] { told = ring_->now(); };
  for (RingEnd* end : {&first, &second, &leaver}) end->receive();
  take_turns();
  before = Clock::now();
  first.say("x");
  take_turns();
  ASSERT_TRUE(said && told);
  EXPECT_GE(*told, *said);
}

TEST_F(RingTest, says_another_time_once_it_has_handed_over) {
  RingEnd end(*ring_);
  bool told = false;
  end.on_receive = [&] {
    const auto before = Clock::now();
    ring_->submit();
    EXPECT_GE(ring_->now(), before);
    told = true;
  };
  end.receive();
  end.say("x");
  take_turns();
  EXPECT_TRUE(told);
}

TEST_F(RingTest, says_another_time_after_a_moment_that_took_long) {
  RingEnd end(*ring_);
  std::optional<Clock::time_point> over;
  const auto timer = ring_->timer([&] { over = Clock::now(); });
  bool told = false;
  end.on_receive = [&] {
    told = true;
    ASSERT_TRUE(over) << "the moment had come first";
    EXPECT_GE(ring_->now(), *over);
  };
  end.receive();
  timer->expire_at(Clock::now());
  std::this_thread::sleep_for(20ms);
  end.say("x");
  take_turns();
  EXPECT_TRUE(told);
}

TEST_F(RingTest, tries_now_and_then_to_wait_awake_and_says_how_long_it_was) {
  int rang = 0;
  const auto timer = ring_->timer([&] { ++rang; });
  while (rang < 70) {
    timer->expire_at(Clock::now() + 100us);
    ring_->turn(-1);
  }
  EXPECT_GT(ring_->awake(), 0ns);
}

TEST_F(RingTest, that_is_asked_all_the_time_tells_the_same) {
  RingEnd end(*ring_);
  end.answers = true;
  end.receive();
  ring_->look();
  end.say("x");
  const auto start = Clock::now();
  std::optional<std::string> heard;
  while (!(heard = end.hear()) && Clock::now() - start < 10s) ring_->look();
  EXPECT_EQ(heard, "x");
  end.hang_up();
  while (end.told.back() != std::pair(receive, 0) && Clock::now() - start < 10s) {
    ring_->look();
  }
  EXPECT_EQ(end.told, (Told{{receive, 1}, {send, 1}, {receive, 0}}));
}

TEST_F(RingTest, tells_at_once_of_a_send_that_may_not_have_fitted) {
  RingEnd end(*ring_);
  end.send("x");
  const auto start = Clock::now();
  const auto timer = ring_->timer([] {});
  timer->expire_at(start + 10s);
  ring_->turn(-1);
  EXPECT_EQ(end.told, (Told{{send, 1}}));
  EXPECT_LT(Clock::now() - start, 10s);
}

TEST_F(RingTest, calls_a_timer_once_at_the_last_time_it_was_set_to) {
  int calls = 0;
  const auto timer = ring_->timer([&] { ++calls; });
  const auto start = Clock::now();
  timer->expire_at(start + 1h);
  timer->expire_at(start + 20ms);
  timer->expire_at(start + 60ms);
  while (calls == 0) ring_->turn(-1);
  EXPECT_GE(Clock::now() - start, 60ms);
  timer->expire_at(Clock::now() + 10ms);
  timer->cancel();
  bool later = false;
  const auto end = ring_->timer([&] { later = true; });
  end->expire_at(Clock::now() + 30ms);
  while (!later) ring_->turn(-1);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace contend::loadgen
