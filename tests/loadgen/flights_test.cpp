#include "loadgen/flights.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <random>

#include <gtest/gtest.h>

namespace contend::loadgen {
namespace {

using Time = std::chrono::steady_clock::time_point;

Time at(int ms) {
  return Time{std::chrono::milliseconds(ms)};
}

TEST(Flights, that_are_alike_leave_together) {
  Flights flights;
  flights.push({at(1), at(1)}, 3);
  flights.push({at(1), at(1)});
  flights.push({at(2), at(2)}, 2);
  EXPECT_EQ(flights.size(), 6U);
  EXPECT_EQ(flights.pop_alike(3).count, 3U);
  EXPECT_EQ(flights.pop_alike(3).count, 1U);
  EXPECT_EQ(flights.front(), (Flight{at(2), at(2)}));
  EXPECT_EQ(flights.pop(), (Flight{at(2), at(2)}));
  EXPECT_EQ(flights.size(), 1U);
}

TEST(Flights, are_what_a_queue_of_single_messages_would_be) {
  Flights flights;
  std::deque<Flight> single;
  std::mt19937 random(1);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  for (int step = 0; step < 20'000; ++step) {
    const Time now = at(step / 4);
    switch (below(3)) {
      case 0:
        for (auto count = below(4); count > 0; --count) {
          const Flight flight{at(step / 8), now};
          flights.push(flight);
          single.push_back(flight);
        }
        break;
      case 1: {
        if (single.empty()) break;
        const auto [flight, count] = flights.pop_alike(1 + below(5));
        for (std::size_t i = 0; i < count; ++i) {
          ASSERT_EQ(single.front(), flight);
          single.pop_front();
        }
        break;
      }
      default: {
        if (single.empty()) break;
        const std::size_t first = below(single.size());
        const std::size_t count = below(single.size() - first + 1);
        flights.set_sent(first, count, now);
        for (std::size_t i = 0; i < count; ++i) single[first + i].sent = now;
      }
    }
    ASSERT_EQ(flights.size(), single.size());
    if (single.empty()) continue;
    ASSERT_EQ(flights.front(), single.front());
  }
  while (!single.empty()) {
    ASSERT_EQ(flights.pop(), single.front());
    single.pop_front();
  }
}

}  // namespace
}  // namespace contend::loadgen
