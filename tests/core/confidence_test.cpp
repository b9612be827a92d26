#include "core/confidence.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "core/histogram_codec.hpp"
#include "core/latency_bands.hpp"
#include "core/quantile_metrics.hpp"
#include "core/report_json.hpp"
#include "core/shards.hpp"

namespace contend {
namespace {

using namespace std::chrono_literals;

struct Answered {
  Nanoseconds at;
  Nanoseconds latency;
};
using Answers = std::vector<Answered>;

Histogram latencies_of(const Answers& answers) {
  Histogram histogram;
  for (const Answered& each : answers) histogram.record(each.latency);
  return histogram;
}

/// As a generator writes them: intervals are a power of two wide, at least 8.4 ms, and at most 128.
std::vector<Series> over_time(const Answers& answers) {
  std::int64_t latest = 0;
  for (const Answered& each : answers) latest = std::max<std::int64_t>(latest, each.at.count());
  unsigned width = 23;
  while (latest >> width >= 128) ++width;
  const auto seconds = [&](std::int64_t interval) {
    return static_cast<double>(interval << width) / 1e9;
  };
  std::map<std::int64_t, std::map<std::int64_t, double>> bands;
  std::map<std::int64_t, double> all;
  for (const Answered& each : answers) {
    const auto latency =
        static_cast<std::uint64_t>(std::max<std::int64_t>(each.latency.count(), 1));
    ++bands[static_cast<std::int64_t>(std::bit_floor(latency))][each.at.count() >> width];
    ++all[each.at.count() >> width];
  }
  Series rate{.name = "throughput_per_second", .unit = "messages/s", .points = {}};
  for (std::int64_t i = 0; i < latest >> width; ++i) {
    rate.points.push_back({seconds(i), all[i] / seconds(1)});
  }
  std::vector<Series> series{rate};
  for (const auto& [from, counts] : bands) {
    Series band{.name = series_name({from, 2 * from}), .unit = "", .points = {}};
    for (const auto& [interval, count] : counts) band.points.push_back({seconds(interval), count});
    series.push_back(band);
  }
  return series;
}

std::vector<Metric> confidence_of(const Answers& answers) {
  return confidence_metrics(latencies_of(answers), over_time(answers));
}

double sure(const Answers& answers, const char* name) {
  for (const Metric& each : confidence_of(answers)) {
    if (each.name == name) return each.value.value_or(-1);
  }
  return -2;
}

Nanoseconds exponential(std::mt19937_64& random, Nanoseconds mean) {
  std::exponential_distribution<double> draw;
  return Nanoseconds(static_cast<std::int64_t>(draw(random) * static_cast<double>(mean.count())));
}

/// Ten seconds of answers, 1000 a second, that know nothing of each other.
Answers independent(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Answers all;
  for (int i = 0; i < 10'000; ++i) all.push_back({i * 1ms, exponential(random, 1ms)});
  return all;
}

TEST(Confidence, the_interval_of_independent_answers_holds_the_truth_in_95_of_100_runs) {
  // The 99th percentile of an exponential with mean 1 ms.
  const double truth = 1e6 * std::log(100.0);
  int held = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Answers all = independent(seed);
    if (sure(all, "intended_p99_low_ns") <= truth && truth <= sure(all, "intended_p99_high_ns")) {
      ++held;
    }
  }
  EXPECT_GE(held, 34);
}

TEST(Confidence, independent_answers_are_worth_themselves) {
  EXPECT_GT(sure(independent(7), "effective_samples"), 4000);
}

TEST(Confidence, answers_that_were_slow_together_are_worth_far_less_and_widen_the_interval) {
  const Answers twin = independent(7);
  Answers all = twin;
  for (int i = 4000; i < 4200; ++i) all[static_cast<std::size_t>(i)].latency = 50ms;
  EXPECT_LT(sure(all, "effective_samples"), 500);
  EXPECT_LT(sure(all, "intended_p99_low_ns"), sure(twin, "intended_p99_low_ns"));
}

TEST(Confidence, an_end_beyond_the_samples_has_no_value) {
  Answers few;
  for (int i = 0; i < 10; ++i) few.push_back({i * 1ms, 1ms});
  EXPECT_EQ(sure(few, "intended_p99_high_ns"), -1);
  EXPECT_EQ(sure(few, "intended_p50_low_ns"), 1'000'000);
}

TEST(Confidence, nothing_measured_is_nothing_claimed) {
  EXPECT_EQ(sure({}, "intended_p50_low_ns"), -1);
  EXPECT_EQ(sure({}, "effective_samples"), 0);
}

TEST(Confidence, of_answers_that_came_nobody_knows_when_nothing_is_claimed) {
  const auto all = confidence_metrics(latencies_of(independent(7)), {});
  EXPECT_EQ(all.size(), 2 * reported_quantiles.size() + 1);
  for (const Metric& each : all) {
    EXPECT_FALSE(each.value) << each.name;
    EXPECT_EQ(each.why, "n/a (no series says when the answers came)") << each.name;
  }
}

/// Of answers in two bands, of which the slow ones came together.
std::vector<Metric> confidence_with(const std::vector<Point>& more) {
  Series slow{.name = series_name({2048, 4096}), .unit = "", .points = {{0, 100}, {1, 20}}};
  slow.points.insert(slow.points.end(), more.begin(), more.end());
  return confidence_metrics(latencies_of(independent(7)),
                            {{series_name({1024, 2048}), "", {{0, 1000}, {1, 1000}}}, slow});
}

TEST(Confidence, points_that_cannot_be_are_left_out) {
  EXPECT_EQ(confidence_with({{-1, 500}, {0, -50}}), confidence_with({}));
  EXPECT_NE(confidence_with({{1, 50}}), confidence_with({}));
}

TEST(Confidence, is_a_number_or_none_whatever_a_report_says) {
  for (const std::vector<Point>& points : std::vector<std::vector<Point>>{
           {{1e-320, 5}, {1e300, 50}}, {{0, 1e308}, {1, 1e308}, {2, 1}}}) {
    for (const Metric& each : confidence_with(points)) {
      EXPECT_TRUE(!each.value || std::isfinite(*each.value)) << each.name;
    }
  }
}

/// What each of the parts would report, as read from its file.
std::vector<Report> reports_of(const std::vector<Answers>& parts) {
  std::vector<Report> reports;
  for (std::size_t rank = 0; rank < parts.size(); ++rank) {
    const Histogram histogram = latencies_of(parts[rank]);
    Report report{.tool = "loadgen", .version = "1"};
    report.plan["shard"] = {{"index", rank}, {"of", parts.size()}};
    report.cases = {{.id = "loadgen/echo/c8",
                     .metrics = confidence_of(parts[rank]),
                     .distributions = {to_distribution("intended", histogram)},
                     .series = over_time(parts[rank])}};
    reports.push_back(*report_from_json(to_json(report)));
  }
  return reports;
}

std::string text_of(const std::vector<Metric>& metrics) {
  std::string text;
  for (const Metric& each : metrics) {
    text += each.name + " " + (each.value ? std::to_string(*each.value) : *each.why) + "\n";
  }
  return text;
}

std::string merged_confidence(const std::vector<Answers>& parts) {
  auto merged = merge_shards(reports_of(parts));
  EXPECT_TRUE(merged) << merged.error().message;
  std::vector<Metric> all = merged->cases.at(0).metrics;
  std::erase_if(all, [](const Metric& each) { return each.name.starts_with("rank"); });
  return text_of(all);
}

/// A run of any length whose latencies rise for a while, and which of its answers each part saw. Of
/// the first part only what came early: its intervals are narrower.
std::vector<Answers> some_run(std::mt19937_64& random) {
  const auto pick = [&](std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(random);
  };
  const std::int64_t length = std::int64_t{1} << pick(20, 38);
  const std::int64_t slow_from = pick(0, length);
  std::vector<Answers> parts(static_cast<std::size_t>(pick(2, 6)));
  for (std::int64_t left = pick(0, 20'000); left > 0; --left) {
    const Nanoseconds at(pick(0, length));
    const bool slow = at.count() >= slow_from && at.count() < slow_from + length / 20;
    const auto last = static_cast<std::int64_t>(parts.size()) - 1;
    const auto part = static_cast<std::size_t>(pick(at.count() < length / 9 ? 0 : 1, last));
    parts[part].push_back({at, exponential(random, slow ? 20ms : 1ms)});
  }
  return parts;
}

Answers together(const std::vector<Answers>& parts) {
  Answers all;
  for (const Answers& each : parts) all.insert(all.end(), each.begin(), each.end());
  return all;
}

TEST(Confidence, of_parts_added_up_is_that_of_one_process_that_saw_all) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    std::mt19937_64 random(seed);
    const std::vector<Answers> parts = some_run(random);
    EXPECT_EQ(merged_confidence(parts), text_of(confidence_of(together(parts)))) << seed;
  }
}

TEST(Confidence, of_parts_is_another_where_one_of_them_has_its_times_wrong) {
  int seen = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<Answers> parts = some_run(random);
    const std::string right = text_of(confidence_of(together(parts)));
    for (Answered& each : parts.back()) each.at /= 2;
    seen += merged_confidence(parts) != right;
  }
  EXPECT_GT(seen, 10);
}

}  // namespace
}  // namespace contend
