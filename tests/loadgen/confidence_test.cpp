#include "loadgen/confidence.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;

struct Answers {
  Histogram histogram;
  Timeline timeline;

  void add(Nanoseconds at, Nanoseconds latency) {
    histogram.record(latency);
    timeline.record(Timeline::Clock::time_point() + at, latency);
  }
  double value(const std::string& name) const {
    for (const Metric& each : quantile_intervals("intended", histogram, timeline)) {
      if (each.name == name) return each.value.value_or(-1);
    }
    return -2;
  }
};

Nanoseconds exponential(std::mt19937_64& random, Nanoseconds mean) {
  std::exponential_distribution<double> draw;
  return Nanoseconds(static_cast<std::int64_t>(draw(random) * static_cast<double>(mean.count())));
}

/// Ten seconds of answers, 1000 a second, that know nothing of each other.
Answers independent(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Answers all;
  for (int i = 0; i < 10'000; ++i) all.add(i * 1ms, exponential(random, 1ms));
  return all;
}

TEST(Confidence, the_interval_of_independent_answers_holds_the_truth_in_95_of_100_runs) {
  const double truth =
      1e6 * std::log(100.0);  // the 99th percentile of an exponential with mean 1 ms
  int held = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Answers all = independent(seed);
    if (all.value("intended_p99_low_ns") <= truth && truth <= all.value("intended_p99_high_ns")) {
      ++held;
    }
  }
  EXPECT_GE(held, 34);
}

TEST(Confidence, independent_answers_are_worth_themselves) {
  const Answers all = independent(7);
  EXPECT_GT(*effective_samples(all.histogram, all.timeline).value, 4000);
}

TEST(Confidence, answers_that_were_slow_together_are_worth_far_less_and_widen_the_interval) {
  std::mt19937_64 random(7);
  Answers all;
  for (int i = 0; i < 10'000; ++i) {
    const bool stalled = i >= 4000 && i < 4200;  // 2 % of them, all at one time
    all.add(i * 1ms, stalled ? 50ms : exponential(random, 1ms));
  }
  EXPECT_LT(*effective_samples(all.histogram, all.timeline).value, 500);
  const Answers twin = independent(7);
  EXPECT_LT(all.value("intended_p99_low_ns"), twin.value("intended_p99_low_ns"));
}

TEST(Confidence, an_end_beyond_the_samples_has_no_value) {
  Answers few;
  for (int i = 0; i < 10; ++i) few.add(i * 1ms, 1ms);
  EXPECT_EQ(few.value("intended_p99_high_ns"), -1);
  EXPECT_EQ(few.value("intended_p50_low_ns"), 1'000'000);
}

TEST(Confidence, nothing_measured_is_nothing_claimed) {
  const Answers none;
  EXPECT_EQ(none.value("intended_p50_low_ns"), -1);
  EXPECT_EQ(*effective_samples(none.histogram, none.timeline).value, 0);
}

}  // namespace
}  // namespace contend::loadgen
