#include "loadgen/find_max.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace contend::loadgen {
namespace {

constexpr double capacity = 5000;

Plan demanding(const char* assertion) {
  Plan plan;
  plan.name = "it";
  plan.connections = 10;
  plan.find_max = {*parse_assertion(assertion)};
  return plan;
}

RateStep step(double rate, bool confirming, StepResult result, Verdict verdict) {
  Case graded{.verdict = verdict, .reason = "what the step said"};
  graded.metrics.push_back({.name = "intended_p99_ns", .value = rate});
  return {rate, confirming, result, graded};
}

/// The curve of a search in which `result` says how a step at a rate went.
template <class Result>
RateCurve curve(Result result) {
  RateCurve all{.search = RateSearch(1000)};
  while (const auto rate = all.search.next()) {
    const bool confirming = all.search.is_confirming();
    const StepResult how = result(*rate);
    const Verdict verdict = how == StepResult::held    ? Verdict::passed
                            : how == StepResult::broke ? Verdict::failed
                                                       : Verdict::inconclusive;
    all.steps.push_back(step(*rate, confirming, how, verdict));
    all.search.tell(how);
  }
  return all;
}

StepResult up_to_capacity(double rate) {
  return rate <= capacity ? StepResult::held : StepResult::broke;
}

TEST(FindMax, the_rate_that_held_twice_is_the_answer_and_the_curve_rises) {
  const Case graded = grade(demanding("p99<5ms"), curve(up_to_capacity));
  EXPECT_EQ(graded.verdict, Verdict::passed) << graded.reason;
  EXPECT_EQ(graded.id, "loadgen/it/c10/find-max");
  const double answer = *find_metric(graded, "max_rate_per_second")->value;
  EXPECT_LE(answer, capacity);
  EXPECT_GE(answer, capacity / 1.05);
  EXPECT_EQ(*find_metric(graded, "intended_p99_ns")->value, answer) << "of the confirmation";
  const auto& points = graded.series.at(1).points;
  ASSERT_EQ(graded.series[1].name, "by_rate_intended_p99_ns");
  EXPECT_TRUE(std::ranges::is_sorted(points, {}, &Point::t));
}

TEST(FindMax, no_rate_at_all_fails_with_what_the_last_one_said) {
  const Case graded = grade(demanding("p99<5ms"), curve([](double) { return StepResult::broke; }));
  EXPECT_EQ(graded.verdict, Verdict::failed);
  EXPECT_NE(graded.reason.find("what the step said"), std::string::npos) << graded.reason;
  EXPECT_FALSE(find_metric(graded, "max_rate_per_second")->value);
}

TEST(FindMax, a_generator_at_its_end_claims_nothing_of_the_server) {
  const auto limited = [](double rate) {
    return rate <= capacity ? StepResult::held : StepResult::limit;
  };
  const Case graded = grade(demanding("p99<5ms"), curve(limited));
  EXPECT_EQ(graded.verdict, Verdict::inconclusive);
  EXPECT_NE(graded.reason.find("this generator cannot make"), std::string::npos) << graded.reason;
  const Case nothing = grade(demanding("p99<5ms"), curve([](double) { return StepResult::limit; }));
  EXPECT_EQ(nothing.verdict, Verdict::inconclusive) << nothing.reason;
}

TEST(FindMax, a_search_cut_before_its_first_step_is_inconclusive) {
  const RateCurve none{.search = RateSearch(1000)};
  EXPECT_EQ(grade(demanding("p99<5ms"), none).verdict, Verdict::inconclusive);
}

}  // namespace
}  // namespace contend::loadgen
