#include "loadgen/message_size.hpp"

#include <map>

#include <gtest/gtest.h>

namespace contend::loadgen {
namespace {

std::map<std::size_t, int> draw(const MessageSizes& sizes, std::uint64_t seed) {
  std::map<std::size_t, int> seen;
  for (std::uint32_t number = 0; number < 10'000; ++number) ++seen[sizes.of(seed, {1, number})];
  return seen;
}

TEST(MessageSizes, fixed_is_always_the_same) {
  const auto sizes = MessageSizes::parse("4KiB");
  ASSERT_TRUE(sizes);
  EXPECT_EQ(draw(*sizes, 1), (std::map<std::size_t, int>{{4096, 10'000}}));
  EXPECT_EQ(sizes->largest(), 4096U);
}

TEST(MessageSizes, a_range_reaches_both_ends_and_no_further) {
  const auto sizes = MessageSizes::parse("10..20");
  ASSERT_TRUE(sizes);
  const auto seen = draw(*sizes, 1);
  EXPECT_EQ(seen.size(), 11U);
  EXPECT_EQ(seen.begin()->first, 10U);
  EXPECT_EQ(seen.rbegin()->first, 20U);
  EXPECT_DOUBLE_EQ(sizes->mean(), 15.0);
}

TEST(MessageSizes, weights_are_kept) {
  const auto sizes = MessageSizes::parse("64:90,1M:10");
  ASSERT_TRUE(sizes);
  const auto seen = draw(*sizes, 3);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_NEAR(seen.at(64), 9000, 200);
  EXPECT_EQ(sizes->largest(), 1048576U);
}

TEST(MessageSizes, depend_on_seed_client_and_number_alone) {
  const auto sizes = MessageSizes::parse("1..1000");
  ASSERT_TRUE(sizes);
  EXPECT_EQ(draw(*sizes, 5), draw(*sizes, 5));
  EXPECT_NE(draw(*sizes, 5), draw(*sizes, 6));
}

TEST(MessageSizes, bad_text_is_named) {
  for (const char* text : {"", "0", "x", "64..", "20..10", "64:0", "64,", "2G", "64:1,0:1"}) {
    const auto sizes = MessageSizes::parse(text);
    ASSERT_FALSE(sizes) << text;
    EXPECT_EQ(sizes.error().kind, ErrorKind::usage);
    EXPECT_NE(sizes.error().message.find('"'), std::string::npos) << sizes.error().message;
  }
}

}  // namespace
}  // namespace contend::loadgen
