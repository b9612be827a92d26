#include <array>

#include <gtest/gtest.h>

#include "races/explore/runtime/vector_clock.hpp"

namespace contend::explore {
namespace {

struct Storage {
  std::array<std::uint32_t, 8> times{};
  VectorClock clock{times.data(), 0, 8};
};

TEST(VectorClock, has_zero_where_nothing_was_set) {
  Storage a;
  a.clock.set(2, 7);
  EXPECT_EQ(a.clock.of(0), 0U);
  EXPECT_EQ(a.clock.of(2), 7U);
  EXPECT_EQ(a.clock.of(5), 0U);
  EXPECT_EQ(a.clock.size, 3U);
}

TEST(VectorClock, joins_to_the_later_of_each_entry) {
  Storage a;
  Storage b;
  a.clock.set(0, 5);
  a.clock.set(1, 1);
  b.clock.set(0, 2);
  b.clock.set(3, 4);
  a.clock.join(b.clock);
  EXPECT_EQ(a.clock.of(0), 5U);
  EXPECT_EQ(a.clock.of(1), 1U);
  EXPECT_EQ(a.clock.of(2), 0U);
  EXPECT_EQ(a.clock.of(3), 4U);
  EXPECT_EQ(b.clock.of(0), 2U);
}

TEST(VectorClock, forgets_when_it_is_cleared_or_overwritten) {
  Storage a;
  Storage b;
  a.clock.set(4, 9);
  b.clock.set(0, 1);
  a.clock.assign(b.clock);
  EXPECT_EQ(a.clock.of(4), 0U);
  EXPECT_EQ(a.clock.of(0), 1U);
  a.clock.clear();
  a.clock.grow(5);
  EXPECT_EQ(a.clock.of(0), 0U);
}

}  // namespace
}  // namespace contend::explore
