#include "core/shards.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "core/histogram.hpp"
#include "core/histogram_codec.hpp"
#include "core/quantile_metrics.hpp"
#include "core/shard_warm_up.hpp"

namespace contend {
namespace {

/// What a generator that recorded `latencies` would report.
Report report_of(const Histogram& latencies, std::uint64_t sent) {
  Case one{.id = "loadgen/echo/c8", .verdict = Verdict::passed, .reason = "all is well"};
  one.metrics = quantile_metrics("intended", latencies);
  one.metrics.push_back({.name = "messages_sent", .value = static_cast<double>(sent)});
  one.metrics.push_back({.name = "messages_answered", .value = static_cast<double>(sent)});
  one.metrics.push_back({.name = "generator_cpu_ratio", .value = 0.25});
  one.metrics.push_back({.name = "throughput_per_second", .value = 1});
  one.metrics.push_back({.name = "first_sent_after_start_ns", .value = 1e6});
  one.metrics.push_back({.name = "last_answer_after_start_ns", .value = 501e6});
  one.outcomes = {{"answered", static_cast<std::int64_t>(sent), Grade::acceptable, "right"}};
  one.distributions = {to_distribution("intended", latencies)};
  one.series = {{"clients_served", "", {{0.1, 1}, {0.3, 2}}}};
  Report report{.tool = "loadgen", .version = "1", .plan = {{"seed", 7}}};
  report.cases = {one};
  return report;
}

std::vector<Report> four_parts() {
  std::vector<Report> parts;
  for (std::uint32_t rank = 0; rank < 4; ++rank) {
    Histogram mine;
    for (std::int64_t i = rank; i < 10'000; i += 4) mine.record(1000 + i * i);
    parts.push_back(report_of(mine, 2500));
    parts.back().plan["shard"] = {{"index", rank}, {"of", 4}};
  }
  return parts;
}

double value(const Report& report, const char* name) {
  const Metric* metric = find_metric(report.cases[0], name);
  return metric == nullptr ? -1 : metric->value.value_or(-2);
}

TEST(Shards, have_the_histogram_and_the_quantiles_of_one_process_that_recorded_all) {
  Histogram all;
  for (std::int64_t i = 0; i < 10'000; ++i) all.record(1000 + i * i);
  const Report alone = report_of(all, 10'000);
  const auto merged = merge_shards(four_parts());
  ASSERT_TRUE(merged) << merged.error().message;
  const Distribution& whole = merged->cases[0].distributions.at(0);
  EXPECT_EQ(whole.hdr, alone.cases[0].distributions[0].hdr);
  EXPECT_EQ(whole.min, 1000);
  EXPECT_EQ(whole.max, 1000 + 9999 * 9999);
  EXPECT_NEAR(whole.mean, alone.cases[0].distributions[0].mean, 1e-3);
  for (const char* name : {"intended_p50_ns", "intended_p99_ns", "intended_p999_ns",
                           "intended_max_ns", "messages_sent", "generator_cpu_ratio"}) {
    EXPECT_EQ(value(*merged, name), value(alone, name)) << name;
  }
  EXPECT_EQ(value(*merged, "throughput_per_second"), 20'000);
  EXPECT_EQ(value(*merged, "rank2_messages_sent"), 2500);
  EXPECT_EQ(merged->cases[0].outcomes, alone.cases[0].outcomes);
  EXPECT_EQ(merged->cases[0].series[0].points.back(), (Point{0.3, 8}));
  EXPECT_EQ(merged->cases[0].verdict, Verdict::passed);
  EXPECT_EQ(shard_of(*merged), std::nullopt);
}

TEST(Shards, name_the_rank_that_decides_the_verdict) {
  auto parts = four_parts();
  parts[2].cases[0].verdict = Verdict::inconclusive;
  parts[2].cases[0].reason = "the generator was the limit";
  const auto merged = merge_shards(parts);
  EXPECT_EQ(merged->cases[0].verdict, Verdict::inconclusive);
  EXPECT_EQ(merged->cases[0].reason, "rank 2: the generator was the limit");
}

TEST(Shards, name_those_that_are_missing_and_keep_what_the_others_measured) {
  auto parts = four_parts();
  parts.erase(parts.begin() + 1);
  const auto merged = merge_shards(parts);
  EXPECT_EQ(merged->cases[0].verdict, Verdict::errored);
  EXPECT_EQ(merged->cases[0].reason,
            "rank 1 left no report; the other 3 ranks had 7,500 messages answered");
  const auto lost = merge_shards(parts, {{1, "was ended by signal 9 (Killed)"}});
  EXPECT_EQ(lost->cases[0].reason,
            "rank 1 was ended by signal 9 (Killed); the other 3 ranks had 7,500 messages answered");
}

TEST(Shards, of_different_runs_are_refused_by_name) {
  const auto error = [](auto change) {
    auto parts = four_parts();
    change(parts);
    const auto merged = merge_shards(parts);
    return merged ? "" : merged.error().message;
  };
  EXPECT_EQ(error([](auto& parts) { parts[3].plan["seed"] = 8; }),
            "rank 3 is of another run than rank 0: seed is 7 there and 8 here");
  EXPECT_EQ(error([](auto& parts) { parts[1].version = "2"; }),
            "rank 1 is of another run than rank 0: the program is 1 () there and 2 () here");
  EXPECT_EQ(error([](auto& parts) { parts.push_back(parts[1]); }),
            "there are two reports of rank 1");
  EXPECT_EQ(error([](auto& parts) { parts[1].cases[0].distributions[0].hdr = "?"; }),
            "intended of rank 1: a histogram that is not base64");
  EXPECT_EQ(error([](auto& parts) { parts.clear(); }), "no rank left a report");
}

TEST(Shards, series_are_added_over_the_widest_interval_of_all) {
  auto parts = four_parts();
  parts.resize(2);
  for (Report& part : parts) part.plan["shard"].as_object()["of"] = 2;
  parts[0].cases[0].series = {{"throughput_per_second", "messages/s", {{0, 10}, {1, 20}, {2, 30}}},
                              {"latency_mean_ns", "ns", {{0, 100}, {1, 200}}},
                              {"latency_max_ns", "ns", {{0, 500}, {1, 900}}},
                              {"answers_from_1_to_2_ns", "", {{0, 10}, {1, 20}}}};
  parts[1].cases[0].series = {{"throughput_per_second", "messages/s", {{0, 5}, {2, 5}}},
                              {"latency_mean_ns", "ns", {{0, 400}}},
                              {"latency_max_ns", "ns", {{0, 700}}},
                              {"answers_from_1_to_2_ns", "", {{0, 10}}}};
  const auto merged = merge_shards(parts);
  ASSERT_TRUE(merged) << merged.error().message;
  const auto& series = merged->cases[0].series;
  EXPECT_EQ(series[0].points, (std::vector<Point>{{0, 20}, {2, 20}}));
  EXPECT_EQ(series[1].points, (std::vector<Point>{{0, (1000.0 + 4000 + 4000) / 40}}));
  EXPECT_EQ(series[2].points, (std::vector<Point>{{0, 900}}));
  EXPECT_EQ(series[3].points, (std::vector<Point>{{0, 40}}));
}

TEST(Shards, the_throughput_of_a_part_of_two_intervals_counts_too) {
  auto parts = four_parts();
  parts.resize(2);
  for (Report& part : parts) part.plan["shard"].as_object()["of"] = 2;
  parts[0].cases[0].series = {{"throughput_per_second", "messages/s", {{0, 10}}},
                              {"answers_from_1_to_2_ns", "", {{0, 5}, {0.5, 1}}}};
  parts[1].cases[0].series = {{"throughput_per_second", "messages/s", {{0, 4}, {1, 4}}},
                              {"answers_from_1_to_2_ns", "", {{0, 4}, {1, 4}, {2, 1}}}};
  const auto merged = merge_shards(parts);
  ASSERT_TRUE(merged) << merged.error().message;
  EXPECT_EQ(merged->cases[0].series[0].points, (std::vector<Point>{{0, 9}, {1, 4}}));
}

TEST(Shards, a_number_that_no_part_has_stays_without_one) {
  auto parts = four_parts();
  for (Report& part : parts) {
    part.cases[0].distributions = {to_distribution("intended", Histogram())};
    part.cases[0].metrics = quantile_metrics("intended", Histogram());
  }
  const auto merged = merge_shards(parts);
  EXPECT_EQ(find_metric(merged->cases[0], "intended_p99_ns")->why,
            "n/a (needs 567 samples, has 0)");
  EXPECT_EQ(value(*merged, "intended_max_ns"), -2);
}

constexpr double interval = 0.02;

/// Two parts of a run of two seconds, each with an answer a millisecond, none in the first `silent`
/// intervals of it and those up to `slow` ten times slower, and with what each had recorded by four
/// moments of its first tenth.
std::vector<Report> warming_parts(int slow, int silent = 0) {
  std::vector<Report> parts;
  for (std::uint32_t rank = 0; rank < 2; ++rank) {
    Histogram all;
    std::vector<Distribution> beginnings;
    Series rate{"throughput_per_second", "messages/s", {}};
    Series mean{"latency_mean_ns", "ns", {}};
    Series band{"answers_from_1_to_100000000_ns", "", {}};
    for (int i = 0; i < 100; ++i) {
      const std::int64_t latency = (i < slow ? 10'000'000 : 1'000'000) + i * 7919 % 100 * 1000;
      if (i > 0 && i % 2 == 0 && i <= 8) {
        beginnings.push_back(to_distribution(beginning_of("intended", beginnings.size() + 1), all));
      }
      rate.points.push_back({i * interval, i < silent ? 0.0 : 1000.0});
      if (i < silent) continue;
      all.record(latency, 20);
      mean.points.push_back({i * interval, static_cast<double>(latency)});
      band.points.push_back({i * interval, 20});
    }
    rate.points.pop_back();  // the last interval has none
    Report part = report_of(all, 2000);
    part.plan["shard"] = {{"index", rank}, {"of", 2}};
    Case& one = part.cases[0];
    one.series = {rate, mean, band};
    one.metrics.push_back(warm_up_metrics(Nanoseconds{0}, std::nullopt)[0]);
    for (std::size_t i = 0; i < beginnings.size(); ++i) {
      one.metrics.push_back({.name = beginning_length(i + 1),
                             .value = static_cast<double>(i + 1) * 2 * interval * 1e9,
                             .unit = "ns"});
      one.distributions.push_back(beginnings[i]);
    }
    parts.push_back(part);
  }
  return parts;
}

TEST(Shards, leave_out_together_the_beginning_that_is_unlike_the_rest) {
  const Report merged = merge_shards(warming_parts(4)).value();
  EXPECT_EQ(value(merged, "warmup_cut_ns"), 80e6);
  EXPECT_EQ(value(merged, "stationary"), 1);
  EXPECT_EQ(merged.cases[0].distributions.at(0).count, 2 * (2000 - 4 * 20));
  EXPECT_LT(value(merged, "intended_max_ns"), 2e6);
  EXPECT_EQ(value(merged, "messages_answered"), 4000);
}

TEST(Shards, count_a_beginning_from_the_first_answer) {
  const Report merged = merge_shards(warming_parts(6, 5)).value();
  EXPECT_EQ(value(merged, "warmup_cut_ns"), 120e6);
  EXPECT_EQ(merged.cases[0].distributions.at(0).count, 2 * 20 * (100 - 6));
  EXPECT_EQ(value(merge_shards(warming_parts(0, 5)).value(), "warmup_cut_ns"), 0);
}

TEST(Shards, leave_nothing_out_of_a_level_run_or_of_one_that_does_not_settle) {
  for (const int slow : {0, 40}) {
    const Report merged = merge_shards(warming_parts(slow)).value();
    EXPECT_EQ(value(merged, "warmup_cut_ns"), 0) << slow;
    EXPECT_EQ(value(merged, "stationary"), slow == 0 ? 1 : 0) << slow;
    EXPECT_EQ(merged.cases[0].distributions.at(0).count, 4000) << slow;
  }
}

TEST(Shards, leave_nothing_out_that_one_of_them_did_not_keep) {
  auto parts = warming_parts(4);
  std::erase_if(parts[1].cases[0].metrics,
                [](const Metric& metric) { return is_beginning(metric.name); });
  const Report merged = merge_shards(parts).value();
  EXPECT_EQ(value(merged, "warmup_cut_ns"), 0);
  EXPECT_EQ(value(merged, "stationary"), 0);
}

TEST(Shards, tell_of_no_beginning_themselves) {
  const Report merged = merge_shards(warming_parts(4)).value();
  EXPECT_EQ(merged.cases[0].distributions.size(), 1U);
  for (const Metric& metric : merged.cases[0].metrics) EXPECT_FALSE(is_beginning(metric.name));
  EXPECT_EQ(std::ranges::count(merged.cases[0].metrics, "warmup_cut_ns", &Metric::name), 1);
}

}  // namespace
}  // namespace contend
