// The catalogue under the third lens: each broken experiment is found within 10,000 schedules, no
// fixed twin is accused. CONTEND_SCHEDULES=10000 gives each twin so many and takes minutes; by
// default each eighth experiment is looked at.
#include <cstdlib>

#include "races/experiment_facts.hpp"
#include "races/lens.hpp"
#include "tests/explore/exploring.hpp"

namespace contend::explore {
namespace {

using races::ExperimentFacts;

constexpr std::size_t stride = 8;

bool all_are_wanted() {
  return std::getenv("CONTEND_SCHEDULES") != nullptr;
}

std::uint64_t schedules_of_a_twin() {
  constexpr std::uint64_t few = 60;
  return all_are_wanted() ? std::strtoull(std::getenv("CONTEND_SCHEDULES"), nullptr, 10) : few;
}

class Catalogue : public Exploring {
 protected:
  std::vector<ExperimentFacts> experiments() {
    Expected<std::vector<ExperimentFacts>> facts =
        races::facts_of(std::string(CONTEND_PROGRAMS) + "-native");
    EXPECT_TRUE(facts);
    if (!facts || all_are_wanted()) return facts ? *facts : std::vector<ExperimentFacts>{};
    std::vector<ExperimentFacts> some;
    for (std::size_t i = 0; i < facts->size(); i += stride) some.push_back((*facts)[i]);
    return some;
  }

  // As the lens does: with stale values where no schedule alone fails.
  Case look(const ExperimentFacts& experiment, std::uint64_t schedules, Memory memory) {
    Plan plan;
    plan.argv = {std::string(CONTEND_PROGRAMS) + "-explore", experiment.name};
    plan.name = "experiment";
    plan.schedules = schedules;
    plan.memory = memory;
    plan.minimise = false;
    return run(plan);
  }
};

bool is_blind(const ExperimentFacts& experiment) {
  const races::KnownSight* sight = races::sight_of(experiment, "explore");
  return sight != nullptr && sight->sees == races::Sees::blind;
}

TEST_F(Catalogue, has_its_broken_experiments_found) {
  constexpr std::uint64_t few = 300;
  constexpr std::uint64_t most = 10'000;
  int found = 0;
  for (const ExperimentFacts& experiment : experiments()) {
    if (!experiment.is_broken || is_blind(experiment)) continue;
    Verdict verdict = look(experiment, few, Memory::sequential).verdict;
    if (verdict != Verdict::failed) verdict = look(experiment, most, Memory::weak).verdict;
    EXPECT_EQ(verdict, Verdict::failed) << experiment.name;
    ++found;
  }
  EXPECT_GT(found, all_are_wanted() ? 20 : 1);
}

TEST_F(Catalogue, has_no_fixed_twin_accused) {
  int passed = 0;
  for (const ExperimentFacts& experiment : experiments()) {
    if (experiment.is_broken) continue;
    const Case seen = look(experiment, schedules_of_a_twin(), Memory::sequential);
    EXPECT_EQ(seen.verdict, Verdict::passed) << experiment.name << ": " << seen.reason;
    ++passed;
  }
  EXPECT_GT(passed, all_are_wanted() ? 20 : 1);
}

}  // namespace
}  // namespace contend::explore
