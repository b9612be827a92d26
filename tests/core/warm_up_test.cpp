#include "core/warm_up.hpp"

#include <array>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace contend {
namespace {

constexpr std::size_t length = 120;
constexpr std::array<std::size_t, 5> candidates{2, 4, 7, 9, 12};

/// `level(t)` with a tenth of noise, the same for the same seed.
template <class Level>
std::vector<double> series(unsigned seed, Level level) {
  std::mt19937 random(seed);
  std::normal_distribution<double> noise(1, 0.1);
  std::vector<double> values(length);
  for (std::size_t i = 0; i < length; ++i) {
    values[i] = level(static_cast<double>(i)) * noise(random);
  }
  return values;
}

/// Of a hundred series with different noise, in how many `holds`.
template <class Level, class Holds>
int of_a_hundred(Level level, Holds holds) {
  int count = 0;
  for (unsigned seed = 0; seed < 100; ++seed) {
    const auto values = series(seed, level);
    count += holds(find_warm_up(values, candidates)) ? 1 : 0;
  }
  return count;
}

const auto flat = [](double) { return 100.0; };

TEST(WarmUp, a_level_run_is_left_whole) {
  const int whole =
      of_a_hundred(flat, [](const WarmUp& w) { return w.cut == 0 && w.level == true; });
  EXPECT_GE(whole, 80) << "two tests of 5 % each";
}

TEST(WarmUp, a_slow_beginning_is_cut_off_and_no_more_than_may_be) {
  const auto slow = [](double t) { return t < 6 ? 600.0 : 100.0; };
  const int cut = of_a_hundred(slow, [](const WarmUp& w) { return w.cut >= 7 && w.level == true; });
  EXPECT_GE(cut, 80);
  EXPECT_EQ(of_a_hundred(slow, [](const WarmUp& w) { return w.cut > 12; }), 0);
}

TEST(WarmUp, a_beginning_that_falls_off_gradually_is_cut_too) {
  const auto fading = [](double t) { return 100 + 900 * std::exp(-t / 2); };
  const int cut =
      of_a_hundred(fading, [](const WarmUp& w) { return w.cut > 0 && w.level == true; });
  EXPECT_GE(cut, 80);
}

TEST(WarmUp, where_no_cut_helps_nothing_is_hidden) {
  const auto rising = [](double t) { return 100 + 2 * t; };
  const auto step = [](double t) { return t < length / 2.0 ? 100.0 : 150.0; };
  const auto never = [](const WarmUp& w) { return w.cut == 0 && w.level == false; };
  EXPECT_EQ(of_a_hundred(rising, never), 100);
  EXPECT_EQ(of_a_hundred(step, never), 100);
}

TEST(WarmUp, that_is_longer_than_may_be_cut_is_said) {
  const auto slow = [](double t) { return t < 30 ? 600.0 : 100.0; };
  const auto never = [](const WarmUp& w) { return w.cut == 0 && w.level == false; };
  EXPECT_EQ(of_a_hundred(slow, never), 100);
}

TEST(WarmUp, one_stall_in_the_middle_is_no_trend) {
  const auto stall = [](double t) { return t == 70 ? 5000.0 : 100.0; };
  const int whole = of_a_hundred(stall, [](const WarmUp& w) { return w.level == true; });
  EXPECT_GE(whole, 80);
}

TEST(WarmUp, equal_values_are_level_and_few_cannot_say) {
  EXPECT_EQ(is_level(std::vector<double>(40, 7.0)), true);
  EXPECT_EQ(is_level(std::vector<double>(9, 7.0)), std::nullopt);
  EXPECT_EQ(find_warm_up(std::vector<double>(9, 7.0), candidates).cut, 0U);
}

}  // namespace
}  // namespace contend
