#include "core/units.hpp"

#include <gtest/gtest.h>

namespace contend {
namespace {

using namespace std::chrono_literals;

TEST(ParseDuration, reads_every_unit_and_takes_a_bare_number_as_seconds) {
  EXPECT_EQ(*parse_duration("7ns"), 7ns);
  EXPECT_EQ(*parse_duration("80us"), 80us);
  EXPECT_EQ(*parse_duration("1.5ms"), 1500us);
  EXPECT_EQ(*parse_duration("10"), 10s);
  EXPECT_EQ(*parse_duration("0.25s"), 250ms);
  EXPECT_EQ(*parse_duration("2m"), 2min);
  EXPECT_EQ(*parse_duration("1h"), 1h);
}

TEST(ParseDuration, refuses_what_is_none_and_names_it) {
  for (const char* bad : {"", "s", "-1s", "1 s", "1x", "1e3s", "nan", "inf", "0x10", "1e400", "ten",
                          "99999999999999999999h"}) {
    const auto parsed = parse_duration(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().kind, ErrorKind::usage);
    EXPECT_NE(parsed.error().message.find(bad), std::string::npos) << parsed.error().message;
  }
}

TEST(ParseCount, is_in_powers_of_1000_and_whole) {
  EXPECT_EQ(*parse_count("250"), 250U);
  EXPECT_EQ(*parse_count("10k"), 10'000U);
  EXPECT_EQ(*parse_count("1.5M"), 1'500'000U);
  for (const char* bad : {"", "-1", "0.5", "1.0001k", "k", "10kb", "1e3", "10 "}) {
    EXPECT_FALSE(parse_count(bad)) << bad;
  }
}

TEST(ParseBytes, is_in_powers_of_1024) {
  EXPECT_EQ(*parse_bytes("64"), 64U);
  EXPECT_EQ(*parse_bytes("4k"), 4096U);
  EXPECT_EQ(*parse_bytes("20KiB"), 20'480U);
  EXPECT_EQ(*parse_bytes("1M"), 1'048'576U);
  EXPECT_FALSE(parse_bytes("4kib"));
}

TEST(ParseRate, is_above_zero) {
  EXPECT_EQ(*parse_rate("800/s"), 800);
  EXPECT_EQ(*parse_rate("10k"), 10'000);
  EXPECT_EQ(*parse_rate("0.5"), 0.5);
  EXPECT_FALSE(parse_rate("0"));
  EXPECT_FALSE(parse_rate("/s"));
}

TEST(ParseRate, refuses_what_its_multiplier_makes_infinite) {
  EXPECT_TRUE(parse_rate(std::string(300, '9')));
  EXPECT_FALSE(parse_rate(std::string(305, '9') + "G"));
}

TEST(FormatDuration, keeps_three_digits) {
  EXPECT_EQ(format_duration(0ns), "0 ns");
  EXPECT_EQ(format_duration(950ns), "950 ns");
  EXPECT_EQ(format_duration(1840us), "1.84 ms");
  EXPECT_EQ(format_duration(999'999ns), "1 ms");
  EXPECT_EQ(format_duration(12s), "12 s");
  EXPECT_EQ(format_duration(123'456ms), "123 s");
}

TEST(FormatCount, groups_by_three) {
  EXPECT_EQ(format_count(7), "7");
  EXPECT_EQ(format_count(1'000), "1,000");
  EXPECT_EQ(format_count(-1'048'576), "-1,048,576");
}

TEST(FormatBytes, is_binary) {
  EXPECT_EQ(format_bytes(64), "64 B");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
  EXPECT_EQ(format_bytes(1048576), "1 MiB");
}

TEST(FormatQuantity, follows_the_unit) {
  EXPECT_EQ(format_quantity(1500, "ns"), "1.5 us");
  EXPECT_EQ(format_quantity(2048, "bytes"), "2 KiB");
  EXPECT_EQ(format_quantity(12345.6, "messages/s"), "12,346 messages/s");
  EXPECT_EQ(format_quantity(0.01251, ""), "0.01251");
}

}  // namespace
}  // namespace contend
