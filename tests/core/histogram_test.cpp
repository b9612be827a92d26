#include "core/histogram.hpp"

#include <random>

#include <gtest/gtest.h>

#include "core/histogram_codec.hpp"

namespace contend {
namespace {

Histogram random_histogram(std::uint64_t seed, int samples) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> latency(11, 2);
  Histogram histogram;
  for (int i = 0; i < samples; ++i) histogram.record(static_cast<std::int64_t>(latency(random)));
  return histogram;
}

TEST(Histogram, keeps_three_digits_over_its_whole_range) {
  for (std::int64_t value = 1; value < Histogram::highest; value = value * 3 + 1) {
    const std::size_t index = Histogram::index_of(value);
    EXPECT_LE(Histogram::lowest_value_at(index), value);
    EXPECT_GE(Histogram::highest_value_at(index), value);
    const auto width = Histogram::highest_value_at(index) - Histogram::lowest_value_at(index);
    EXPECT_LE(width, value / 1000 + 1) << value;
  }
}

TEST(Histogram, gives_the_smallest_value_that_covers_a_quantile) {
  Histogram histogram;
  for (std::int64_t value = 1; value <= 1000; ++value) histogram.record(value);
  EXPECT_EQ(histogram.quantile(0), 1);
  EXPECT_EQ(histogram.quantile(0.5), 500);
  EXPECT_EQ(histogram.quantile(0.99), 990);
  EXPECT_EQ(histogram.quantile(1), 1000);
  EXPECT_EQ(histogram.mean(), 500.5);
}

TEST(Histogram, holds_what_is_out_of_range_and_says_so) {
  Histogram histogram;
  histogram.record(-5);
  histogram.record(Histogram::highest + 1);
  EXPECT_EQ(histogram.count(), 2U);
  EXPECT_EQ(histogram.overflow(), 1U);
  EXPECT_EQ(histogram.min(), 0);
  EXPECT_EQ(histogram.max(), Histogram::highest);
}

TEST(Histogram, empty_is_zero_everywhere) {
  const Histogram histogram;
  EXPECT_EQ(histogram.min(), 0);
  EXPECT_EQ(histogram.max(), 0);
  EXPECT_EQ(histogram.mean(), 0);
  EXPECT_EQ(histogram.quantile(0.99), 0);
}

TEST(Histogram, merging_the_parts_is_recording_the_whole) {
  Histogram whole;
  Histogram one;
  Histogram two;
  for (std::int64_t value = 1; value < 3'000'000'000; value = value * 9 / 8 + 1) {
    whole.record(value);
    (value % 2 == 0 ? one : two).record(value);
  }
  one.merge(two);
  EXPECT_EQ(one, whole);
}

TEST(HistogramCodec, survives_the_way_through_text) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const Histogram histogram = random_histogram(seed, 10'000);
    const auto back = decode_histogram(encode(histogram));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->counts(), histogram.counts());
    EXPECT_EQ(back->quantile(0.999), histogram.quantile(0.999));
  }
}

TEST(HistogramCodec, begins_as_other_implementations_expect) {
  EXPECT_TRUE(encode(random_histogram(1, 10)).starts_with("HISTF"));
}

TEST(HistogramCodec, refuses_every_truncation_and_garbage) {
  const std::string text = encode(random_histogram(7, 500));
  for (std::size_t length = 0; length + 4 < text.size(); ++length) {
    EXPECT_FALSE(decode_histogram(text.substr(0, length))) << length;
  }
  EXPECT_FALSE(decode_histogram("not base64!"));
  EXPECT_FALSE(decode_histogram("AAAAAAAAAAAA"));
}

TEST(HistogramCodec, a_distribution_keeps_the_exact_summary) {
  Histogram histogram;
  histogram.record(123'457);
  histogram.record(7);
  const Distribution distribution = to_distribution("intended", histogram);
  EXPECT_EQ(distribution.count, 2);
  EXPECT_EQ(distribution.min, 7);
  EXPECT_EQ(distribution.max, 123'457);
  EXPECT_EQ(distribution.unit, "ns");
}

}  // namespace
}  // namespace contend
