#include "loadgen/timeline.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "core/confidence.hpp"
#include "core/shard_series.hpp"

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;

const Timeline::Clock::time_point start{100s};

const Series& named(const std::vector<Series>& all, const std::string& name) {
  static const Series none;
  const auto found = std::ranges::find(all, name, &Series::name);
  EXPECT_NE(found, all.end()) << name;
  return found == all.end() ? none : *found;
}

double total(const std::vector<Series>& all) {
  double sum = 0;
  for (const Series& each : all) {
    if (!each.name.starts_with("answers_from_")) continue;
    for (const Point& point : each.points) sum += point.value;
  }
  return sum;
}

TEST(Timeline, bands_are_half_octaves_and_take_whatever_comes) {
  EXPECT_EQ(Timeline::band_of(0ns), 0U);
  EXPECT_EQ(Timeline::band_of(1024h), Timeline::bands - 1);
  for (std::size_t band = 1; band + 1 < Timeline::bands; ++band) {
    EXPECT_EQ(Timeline::band_of(Nanoseconds(Timeline::band_begin(band))), band);
    EXPECT_EQ(Timeline::band_of(Nanoseconds(Timeline::band_begin(band) - 1)), band - 1);
  }
}

TEST(Timeline, shows_when_it_was_slow_and_for_how_many) {
  Timeline timeline;
  timeline.begin(start);
  for (int i = 0; i < 100; ++i) timeline.record(start + i * 1ms, i < 50 ? 3us : 5ms);
  const auto all = timeline.series();
  const Series& fast = named(all, "answers_from_2048_to_3072_ns");
  const Series& slow = named(all, "answers_from_4194304_to_6291456_ns");
  EXPECT_EQ(total(all), 100);
  EXPECT_LE(fast.points.back().t, 0.05);
  EXPECT_GE(slow.points.front().t, 0.04);
  EXPECT_EQ(named(all, "latency_max_ns").points.back().value, 5e6);
  EXPECT_EQ(named(all, "latency_mean_ns").points.front().value, 3e3);
  EXPECT_NEAR(named(all, "throughput_per_second").points.front().value, 1000, 100);
}

TEST(Timeline, a_long_run_stays_small_and_loses_no_answer) {
  Timeline timeline;
  timeline.begin(start);
  for (int i = 0; i < 10'000; ++i) timeline.record(start + i * 1s, 1ms);
  const auto all = timeline.series();
  EXPECT_LE(named(all, "latency_mean_ns").points.size(), Timeline::most_intervals);
  EXPECT_GT(named(all, "latency_mean_ns").points.size(), Timeline::most_intervals / 4);
  EXPECT_EQ(total(all), 10'000);
}

TEST(Timeline, merging_threads_is_as_if_one_had_counted) {
  Timeline whole;
  Timeline parts[2];
  for (Timeline* each : {&whole, &parts[0], &parts[1]}) each->begin(start);
  for (int i = 0; i < 1000; ++i) {
    const auto now = start + i * (i % 2 == 0 ? 1ms : 70ms);
    whole.record(now, i * 1us);
    parts[i % 2].record(now, i * 1us);
  }
  Timeline merged;
  for (const Timeline& each : parts) merged.merge(each);
  merged.merge(Timeline{});
  EXPECT_EQ(merged.series(), whole.series());
}

/// A report of nothing but what a timeline says.
Report report_of(const Timeline& timeline) {
  Report report;
  report.cases = {{.series = timeline.series()}};
  return report;
}

TEST(Timeline, of_parts_whose_reports_are_added_says_how_sure_the_whole_is) {
  Timeline whole;
  Histogram latencies;
  Timeline parts[3];
  for (Timeline* each : {&whole, &parts[0], &parts[1], &parts[2]}) each->begin(start);
  for (int i = 0; i < 20'000; ++i) {
    // The first has a hundredth of the run, so its intervals are narrower; two get slower together.
    const int part = i < 200 ? 0 : 1 + i % 2;
    const Nanoseconds latency = (i > 7000 && i < 7400 ? 50 : 1) * (1ms + i % 97 * 10us);
    whole.record(start + i * 1ms, latency);
    parts[part].record(start + i * 1ms, latency);
    latencies.record(latency);
  }
  EXPECT_LT(parts[0].width(), parts[1].width());
  const auto added = add_series({report_of(parts[0]), report_of(parts[1]), report_of(parts[2])});
  const auto sure = confidence_metrics(latencies, whole.series());
  EXPECT_EQ(confidence_metrics(latencies, added), sure);
  EXPECT_LT(sure.back().value, 5000) << "effective_samples: the burst must be seen";
  EXPECT_NE(confidence_metrics(latencies, parts[1].series()), sure);
}

TEST(Timeline, nothing_answered_leaves_no_point) {
  for (const Series& each : Timeline{}.series()) EXPECT_TRUE(each.points.empty()) << each.name;
}

}  // namespace
}  // namespace contend::loadgen
