// What the rounds of a run cover. Each check is made on a sweep that lacks something as well.
#include "races/runner/sweep.hpp"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace contend::races {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t arrangements = 4;  // as many as make every other round the same ones

std::vector<Round> rounds_of(std::uint64_t seed, std::size_t actors, std::vector<int> cpus) {
  Sweep sweep(seed, arrangements, actors, std::move(cpus));
  std::vector<Round> rounds(2000);
  std::ranges::generate(rounds, [&] { return sweep.next(); });
  return rounds;
}

using Places = std::vector<int>;

/// Ways to put two actors on CPUs of their own that no pinned round has.
std::set<Places> missing_places(const std::vector<Round>& rounds, const std::vector<int>& cpus) {
  std::set<Places> missing;
  for (const int one : cpus) {
    for (const int other : cpus) {
      if (one != other) missing.insert({one, other});
    }
  }
  for (const Round& round : rounds) {
    if (round.is_pinned) missing.erase(round.cpus);
  }
  return missing;
}

TEST(Sweep, puts_the_actors_on_every_pair_of_cpus_in_both_orders) {
  const std::vector<int> cpus{0, 2, 3, 7};
  std::vector<Round> rounds = rounds_of(1, 2, cpus);
  EXPECT_THAT(missing_places(rounds, cpus), IsEmpty());
  const Places dropped{7, 2};
  std::erase_if(rounds, [&](const Round& round) { return round.cpus == dropped; });
  EXPECT_THAT(missing_places(rounds, cpus), ElementsAre(dropped));
}

TEST(Sweep, shares_cpus_evenly_where_there_are_too_few) {
  for (const Round& round : rounds_of(1, 4, {5, 6})) {
    EXPECT_EQ(std::ranges::count(round.cpus, 5), 2);
    EXPECT_EQ(std::ranges::count(round.cpus, 6), 2);
  }
  EXPECT_EQ(rounds_of(1, 2, {4}).front().cpus, (Places{4, 4}));
}

/// One of everything that a round of each arrangement may have.
std::set<std::string> missing_ways(const std::vector<Round>& rounds) {
  std::set<std::string> missing;
  const auto names = [](const Round& round, const std::string& at) {
    return std::vector{at + (round.is_pinned ? "pinned" : "free"),
                       at + (round.has_head_start ? "head start" : "together"),
                       at + (round.is_by_clock ? "clock" : "meeting"),
                       at + "leader " + std::to_string(round.leader),
                       at + "delay " + std::to_string(round.delay_mask)};
  };
  for (std::size_t i = 0; i < arrangements; ++i) {
    const std::string at = std::to_string(i) + " ";
    for (const bool either : {false, true}) {
      const Round round{.has_head_start = either,
                        .leader = either ? 1u : 0u,
                        .is_pinned = either,
                        .cpus = {},
                        .is_by_clock = either};
      for (const std::string& name : names(round, at)) missing.insert(name);
    }
    for (unsigned bits = 0; bits <= 8; ++bits) {
      missing.insert(at + "delay " + std::to_string((1u << bits) - 1));
    }
  }
  for (const Round& round : rounds) {
    for (const std::string& name : names(round, std::to_string(round.arrangement) + " ")) {
      missing.erase(name);
    }
  }
  return missing;
}

TEST(Sweep, gives_every_arrangement_every_delay_leader_and_way_to_meet) {
  std::vector<Round> rounds = rounds_of(3, 2, {0, 1});
  EXPECT_THAT(missing_ways(rounds), IsEmpty());
  std::erase_if(rounds, [](const Round& r) { return r.has_head_start && r.arrangement == 2; });
  EXPECT_THAT(missing_ways(rounds), ElementsAre("2 head start"));
}

TEST(Sweep, gives_every_arrangement_its_turn) {
  std::vector<int> turns(arrangements);
  for (const Round& round : rounds_of(5, 2, {0, 1})) ++turns[round.arrangement];
  EXPECT_THAT(turns, ElementsAre(500, 500, 500, 500));
}

TEST(Sweep, is_the_same_again_with_the_same_seed) {
  const auto places = [](std::uint64_t seed) {
    std::vector<Places> all;
    for (const Round& round : rounds_of(seed, 2, {0, 1, 2, 3})) all.push_back(round.cpus);
    return all;
  };
  EXPECT_EQ(places(7), places(7));
  EXPECT_NE(places(7), places(8));
}

struct Counter {
  int n = 0;
  void actor1() { n += 1; }
  void actor2() { n += 1; }
  int outcome() const { return n; }
};

std::vector<std::size_t> lengths_of(const Experiment& experiment, std::size_t most_bytes) {
  std::vector<std::size_t> lengths;
  for (const Arrangement& each : arrangements_of(experiment, most_bytes, false)) {
    lengths.push_back(each.states);
  }
  return lengths;
}

TEST(Arrangements, are_arrays_that_grow_by_eights_and_a_rendezvous) {
  Experiment any = broken<Counter>("any", "");
  EXPECT_THAT(lengths_of(any, 8u << 20), ElementsAre(64, 512, 4096, 32768, 262144, 512));
  EXPECT_THAT(lengths_of(any, 8u << 10), ElementsAre(64, 512, 2048, 512));
  EXPECT_THAT(lengths_of(any.at_most(100), 8u << 20), ElementsAre(64, 100, 100));
  EXPECT_THAT(lengths_of(any.shaped(Shape::arrays), 8u << 20), ElementsAre(64, 100));
  EXPECT_THAT(lengths_of(any.shaped(Shape::rendezvous), 8u << 20), ElementsAre(100));
  EXPECT_THAT(lengths_of(any, 1), ElementsAre(1));  // a state that does not fit is run all the same
}

TEST(Arrangements, keep_states_that_are_met_at_by_the_clock_on_lines_of_their_own) {
  const Experiment any = broken<Counter>("any", "");
  EXPECT_EQ(arrangements_of(any, 8u << 20, true).back().step, 64 / sizeof(Counter));
  EXPECT_EQ(arrangements_of(any, 8u << 20, false).back().step, 1u);
}

}  // namespace
}  // namespace contend::races
