// The statistics on numbers whose truth is known: enumerated, generated from a printed seed, and
// recorded. Nothing here depends on the clock.
#include "ci/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/report_json.hpp"

#include "ci/compare.hpp"

namespace contend::ci {
namespace {

using Values = std::vector<double>;

/// The two-sided p-value from its definition: every way to deal the values out.
double p_by_enumeration(const Values& a, const Values& b) {
  Values all = a;
  all.insert(all.end(), b.begin(), b.end());
  const auto statistic = [&](const std::vector<bool>& in_a) {
    double wins = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (std::size_t j = 0; j < all.size(); ++j) {
        if (in_a[i] && !in_a[j]) wins += all[i] > all[j] ? 1.0 : all[i] == all[j] ? 0.5 : 0.0;
      }
    }
    return std::abs(wins - static_cast<double>(a.size() * b.size()) / 2);
  };
  std::vector<bool> dealt(all.size(), false);
  std::fill(dealt.begin(), dealt.begin() + static_cast<std::ptrdiff_t>(a.size()), true);
  const double seen = statistic(dealt);
  std::sort(dealt.begin(), dealt.end());
  int deals = 0;
  int as_far = 0;
  do {
    ++deals;
    if (statistic(dealt) >= seen - 1e-9) ++as_far;
  } while (std::next_permutation(dealt.begin(), dealt.end()));
  return static_cast<double>(as_far) / deals;
}

/// Repeated runs of something like a latency: log-normal, with a spike now and then.
class Source {
 public:
  explicit Source(std::uint64_t seed) : random_(seed) {}

  Values runs(std::size_t many, double level, double spread) {
    std::normal_distribution<double> noise(0, spread);
    std::bernoulli_distribution spike(0.05);
    Values out;
    for (std::size_t i = 0; i < many; ++i) {
      out.push_back(level * std::exp(noise(random_)) * (spike(random_) ? 1.5 : 1.0));
    }
    return out;
  }

  Values whole_numbers(std::size_t many, int most) {
    std::uniform_int_distribution<int> any(1, most);
    Values out;
    for (std::size_t i = 0; i < many; ++i) out.push_back(any(random_));
    return out;
  }

 private:
  std::mt19937_64 random_;
};

constexpr std::uint64_t seed = 20261123;

Change judged(const Values& base, const Values& now) {
  MetricChange metric{.name = "m", .better = Better::lower, .base = base, .now = now};
  judge(metric, Tolerance{});
  return metric.change;
}

TEST(RankTest, agrees_with_counting_every_deal) {
  Source source(seed);
  for (int i = 0; i < 30; ++i) {
    const Values a = source.runs(5, 1, 0.3);
    const Values b = source.runs(6, 1.3, 0.3);
    EXPECT_NEAR(rank_test(a, b), p_by_enumeration(a, b), 1e-12) << "seed " << seed;
    const Values c = source.whole_numbers(5, 4);
    const Values d = source.whole_numbers(6, 5);
    EXPECT_NEAR(rank_test(c, d), p_by_enumeration(c, d), 1e-12) << "ties, seed " << seed;
  }
  EXPECT_NEAR(rank_test(Values{1, 2, 3, 4}, Values{5, 6, 7, 8}), 2.0 / 70, 1e-12);
}

TEST(RankTest, the_approximation_meets_the_exact_value_where_they_hand_over) {
  Source source(seed);
  for (int i = 0; i < 10; ++i) {
    const Values a = source.runs(30, 1, 0.1);
    const Values b = source.runs(30, 1.05, 0.1);
    Values a_more = a;
    Values b_more = b;
    a_more.push_back(median(a));
    b_more.push_back(median(b));
    EXPECT_NEAR(rank_test(a, b), rank_test(a_more, b_more), 0.1) << "seed " << seed;
  }
}

TEST(RankShift, leaves_out_zero_exactly_where_the_test_says_so) {
  Source source(seed);
  int outside = 0;
  for (int i = 0; i < 400; ++i) {
    const Values a = source.runs(7, 1, 0.1);
    const Values b = source.runs(8, 1.1, 0.1);
    const auto shift = rank_shift(a, b, 0.05);
    ASSERT_TRUE(shift);
    const bool excludes = shift->low > 0 || shift->high < 0;
    EXPECT_EQ(excludes, rank_test(a, b) <= 0.05) << "seed " << seed << " round " << i;
    outside += excludes;
  }
  EXPECT_GT(outside, 50);
  EXPECT_LT(outside, 350);
}

TEST(RankShift, holds_the_true_shift_nineteen_times_in_twenty) {
  Source source(seed);
  int held = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto shift = relative_shift(source.runs(8, 1, 0.1), source.runs(8, 1.2, 0.1), 0.05);
    if (shift->low <= 0.2 && 0.2 <= shift->high) ++held;
  }
  EXPECT_GE(held, 935) << "seed " << seed;
  EXPECT_LE(held, 990) << "an interval that always holds is too wide; seed " << seed;
}

TEST(RankShift, three_runs_can_show_nothing) {
  EXPECT_FALSE(rank_shift(Values{1, 2, 3}, Values{7, 8, 9}, 0.05));
  EXPECT_TRUE(rank_shift(Values{1, 2, 3, 4}, Values{7, 8, 9, 10}, 0.05));
  EXPECT_FALSE(rank_shift(Values{}, Values{1}, 0.05));
}

TEST(Compare, an_unchanged_program_raises_a_false_alarm_in_at_most_one_metric_of_twenty) {
  for (const double spread : {0.01, 0.05, 0.2, 1.0}) {
    Source source(seed);
    int alarms = 0;
    for (int i = 0; i < 400; ++i) {
      const Change change = judged(source.runs(9, 100, spread), source.runs(9, 100, spread));
      if (change == Change::better || change == Change::worse) ++alarms;
    }
    EXPECT_LE(alarms, 20) << "spread " << spread << " seed " << seed;
  }
}

TEST(Compare, a_slowdown_of_a_tenth_is_found) {
  Source source(seed);
  int found = 0;
  for (int i = 0; i < 500; ++i) {
    if (judged(source.runs(10, 100, 0.04), source.runs(10, 110, 0.04)) == Change::worse) ++found;
  }
  EXPECT_GE(found, 450) << "seed " << seed;
}

TEST(Compare, what_the_data_could_have_shown_is_shown_four_times_in_five) {
  Source source(seed);
  double smallest = 0;
  for (int i = 0; i < 200; ++i) {
    smallest +=
        detectable(*relative_shift(source.runs(10, 1, 0.1), source.runs(10, 1, 0.1), 0.05)) / 200;
  }
  int found = 0;
  for (int i = 0; i < 500; ++i) {
    const auto now = source.runs(10, 1 + smallest, 0.1);
    if (judged(source.runs(10, 1, 0.1), now) == Change::worse) ++found;
  }
  EXPECT_GE(found, 350) << "smallest " << smallest << " seed " << seed;
  EXPECT_LE(found, 470) << "smallest " << smallest << " seed " << seed;
}

TEST(Compare, the_same_and_too_noisy_to_tell_are_two_things) {
  Source source(seed);
  EXPECT_EQ(judged(source.runs(12, 100, 0.01), source.runs(12, 100, 0.01)), Change::same);
  EXPECT_EQ(judged(source.runs(5, 100, 0.5), source.runs(5, 100, 0.5)), Change::inconclusive);
  EXPECT_EQ(judged({0, 0, 0, 0}, {0, 0, 0, 0}), Change::same);
  EXPECT_EQ(judged({0, 0, 0, 0, 0}, {7, 9, 8, 7, 9}), Change::worse);
  EXPECT_EQ(judged({1, 2, 3}, {7, 8, 9}), Change::inconclusive);
  EXPECT_EQ(judged({}, {7, 8, 9}), Change::inconclusive);
}

TEST(Compare, the_direction_is_the_metric_s) {
  MetricChange metric{.name = "rate",
                      .better = Better::higher,
                      .base = {100, 101, 102, 103, 104},
                      .now = {120, 121, 122, 123, 124}};
  judge(metric, Tolerance{});
  EXPECT_EQ(metric.change, Change::better);
  std::swap(metric.base, metric.now);
  judge(metric, Tolerance{});
  EXPECT_EQ(metric.change, Change::worse);
}

Report runs_of(const std::string& id, const Values& values) {
  Report report;
  for (std::size_t i = 0; i < values.size(); ++i) {
    Case each{.id = i == 0 ? id : fmt::format("{}#{}", id, i + 1)};
    each.metrics = {{"p99_ns", values[i], "ns", Better::lower, {}, {}},
                    {"trials", 5, "", Better::neither, {}, {}}};
    report.cases.push_back(each);
  }
  return report;
}

TEST(Compare, takes_numbered_cases_as_runs_of_one_and_fails_where_a_metric_is_worse) {
  const Report base = runs_of("loadgen/a", {100, 101, 102, 103, 104});
  const Report slow = runs_of("loadgen/a", {120, 121, 122, 123, 124});
  const auto changes = compare(base, slow, Tolerance{});
  ASSERT_EQ(changes.size(), 1U);
  ASSERT_EQ(changes[0].metrics.size(), 1U) << "only metrics with a direction are judged";
  const Report report = comparison_report(changes);
  EXPECT_EQ(report.cases[0].id, "compare/loadgen/a");
  EXPECT_EQ(report.cases[0].verdict, Verdict::failed);
  EXPECT_EQ(overall(comparison_report(compare(base, base, Tolerance{}))), Verdict::passed);
  EXPECT_NE(comparison_table(changes).find("worse"), std::string::npos);
}

TEST(Compare, a_first_run_without_metrics_hides_none_of_the_others) {
  const Report base = runs_of("loadgen/a", {100, 101, 102, 103, 104, 105});
  Report slow = runs_of("loadgen/a", {0, 500, 501, 502, 503, 504});
  slow.cases[0].metrics.clear();
  EXPECT_EQ(overall(comparison_report(compare(base, slow, {}))), Verdict::failed);
  for (Case& each : slow.cases) each.metrics.clear();
  const Report none = comparison_report(compare(base, slow, {}));
  EXPECT_EQ(overall(none), Verdict::inconclusive) << "nothing was measured";
  ASSERT_EQ(none.cases[0].metrics.size(), 1U);
}

TEST(Compare, a_case_that_only_one_side_has_is_inconclusive) {
  const auto changes = compare(runs_of("gone", {1, 2, 3, 4}), runs_of("new", {1, 2, 3, 4}), {});
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(overall(comparison_report(changes)), Verdict::inconclusive);
}

/// Ten alternating runs a side of a coroutine server under four clients, on a busy machine:
/// fast against slow is --delay 1ms against 1100us, the unchanged two are both 1ms.
std::vector<CaseChange> recorded(const char* base, const char* now) {
  const std::filesystem::path folder(CONTEND_RECORDED_DIR);
  const auto before = load_report(folder / base);
  const auto after = load_report(folder / now);
  EXPECT_TRUE(before && after);
  return compare(*before, *after, Tolerance{});
}

TEST(Compare, a_recorded_slowdown_of_a_tenth_is_found) {
  const auto changes = recorded("fast.json", "slow.json");
  ASSERT_EQ(changes.size(), 1U);
  const auto& metrics = changes[0].metrics;
  const auto p50 = std::ranges::find(metrics, "intended_p50_ns", &MetricChange::name);
  ASSERT_NE(p50, metrics.end());
  EXPECT_EQ(p50->change, Change::worse) << p50->why;
  EXPECT_NEAR(p50->shift.estimate, 0.1, 0.05);
}

TEST(Compare, recorded_runs_of_one_program_raise_no_alarm) {
  const std::vector<CaseChange> changes = recorded("unchanged_a.json", "unchanged_b.json");
  for (const MetricChange& each : changes.at(0).metrics) {
    EXPECT_TRUE(each.change == Change::same || each.change == Change::inconclusive)
        << each.name << " " << each.why;
  }
}

TEST(Compare, only_a_number_after_the_mark_is_a_run) {
  EXPECT_EQ(base_id("a#12"), "a");
  EXPECT_EQ(base_id("a#b"), "a#b");
  EXPECT_EQ(base_id("a#"), "a#");
  EXPECT_EQ(base_id("a"), "a");
}

}  // namespace
}  // namespace contend::ci
