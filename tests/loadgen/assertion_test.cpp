#include "loadgen/assertion.hpp"

#include <gtest/gtest.h>

namespace contend::loadgen {
namespace {

Case with(const char* name, std::optional<double> value, const char* unit = "") {
  Case result;
  result.metrics.push_back(
      {.name = name, .value = value, .unit = unit, .better = Better::lower, .why = "no data"});
  return result;
}

TEST(Assertion, short_names_are_spelled_out_and_limits_are_in_the_metrics_unit) {
  const auto p99 = parse_assertion("p99<5ms");
  ASSERT_TRUE(p99);
  EXPECT_EQ(p99->metric, "intended_p99_ns");
  EXPECT_EQ(p99->limit, 5e6);
  EXPECT_EQ(parse_assertion("p99.9 <= 1s")->metric, "intended_p999_ns");
  EXPECT_EQ(parse_assertion("rate>=10k")->limit, 10'000);
  EXPECT_EQ(parse_assertion("errors==0")->metric, "errors_total");
  EXPECT_EQ(parse_assertion("server_rss_bytes<64M")->limit, 64.0 * 1024 * 1024);
  EXPECT_EQ(parse_assertion("service_p50_ns<1us")->limit, 1000);
}

TEST(Assertion, bad_text_is_refused) {
  for (const char* text : {"", "p99", "<5ms", "p99<", "p99<fast", "errors==none", "rate>=10q",
                           "rate<1e300G", "rate<inf"}) {
    EXPECT_FALSE(parse_assertion(text)) << text;
  }
}

TEST(Assertion, every_relation_has_a_side_that_fails) {
  const auto verdict = [](const char* text, double value) {
    Case result = with("errors_total", value);
    return check(*parse_assertion(text), result).verdict;
  };
  for (const auto& [text, good, bad] :
       std::vector<std::tuple<const char*, double, double>>{{"errors<3", 2, 3},
                                                            {"errors<=3", 3, 4},
                                                            {"errors>3", 4, 3},
                                                            {"errors>=3", 3, 2},
                                                            {"errors==3", 3, 2},
                                                            {"errors!=3", 2, 3}}) {
    EXPECT_EQ(verdict(text, good), Verdict::passed) << text;
    EXPECT_EQ(verdict(text, bad), Verdict::failed) << text;
  }
}

TEST(Assertion, no_data_is_never_a_pass) {
  Case empty = with("intended_p99_ns", std::nullopt, "ns");
  EXPECT_EQ(check(*parse_assertion("p99<5ms"), empty).verdict, Verdict::inconclusive);
  Case other = with("something_else", 1);
  EXPECT_EQ(check(*parse_assertion("p99<5ms"), other).verdict, Verdict::inconclusive);
}

TEST(Assertion, writes_its_limit_into_the_metric) {
  Case result = with("intended_p99_ns", 7.2e6, "ns");
  EXPECT_EQ(check(*parse_assertion("p99<5ms"), result).reason, "p99<5ms: it was 7.2 ms");
  EXPECT_EQ(result.metrics[0].limit, 5e6);
}

TEST(Assertion, writes_no_limit_that_nobody_set_and_of_two_the_stricter) {
  const auto limit = [](Better better, std::vector<const char*> texts) {
    Case result = with("throughput_per_second", 1000);
    result.metrics[0].better = better;
    for (const char* text : texts) check(*parse_assertion(text), result);
    return result.metrics[0].limit;
  };
  for (const char* text : {"rate>1", "rate>=1", "rate!=0", "rate==1k"}) {
    EXPECT_EQ(limit(Better::lower, {text}), std::nullopt) << text;
  }
  EXPECT_EQ(limit(Better::neither, {"rate<1k"}), std::nullopt);
  EXPECT_EQ(limit(Better::higher, {"rate>=1", "rate<=1G"}), 1);
  EXPECT_EQ(limit(Better::higher, {"rate>1k", "rate>=1"}), 1000);
  EXPECT_EQ(limit(Better::lower, {"rate<5", "rate<=1k"}), 5);
  EXPECT_EQ(limit(Better::lower, {"rate<1k", "rate<5"}), 5);
}

}  // namespace
}  // namespace contend::loadgen
