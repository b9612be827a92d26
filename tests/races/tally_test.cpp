#include "races/tally.hpp"

#include <gtest/gtest.h>

#include "races/experiment_facts.hpp"

namespace contend::races {
namespace {

const std::string early =
    R"({"tally":{"done":false,"arrangements":[{"shape":"arrays","states":64,"elapsed_ns":5,"outcomes":[["2",7]]}]}})"
    "\n";
const std::string late =
    R"({"tally":{"done":true,"arrangements":[{"shape":"arrays","states":64,"elapsed_ns":9,"outcomes":[["2",9],["1",1]]},{"shape":"rendezvous","states":8,"elapsed_ns":1,"outcomes":[["2",8]]}]}})"
    "\n";

TEST(Tally, takes_the_last_whole_line) {
  const Tally tally = parse_tally(early + late);
  EXPECT_TRUE(tally.is_done);
  EXPECT_EQ(trials(tally), 18);
  EXPECT_EQ(outcomes(tally).at("2"), 17);
}

TEST(Tally, keeps_what_was_counted_before_a_line_was_cut_off) {
  const Tally tally = parse_tally(early + late.substr(0, late.size() / 2));
  EXPECT_FALSE(tally.is_done);
  EXPECT_EQ(trials(tally), 7);
}

TEST(Tally, passes_over_what_an_experiment_printed) {
  const Tally tally = parse_tally("hello\n{not json}\n[1]\n{\"tally\":3}\n" + early);
  EXPECT_EQ(trials(tally), 7);
}

TEST(Tally, reads_hangs_crashes_and_reports) {
  const Tally tally = parse_tally(
      R"({"hang":{"actors":[{"actor":2,"doing":"spins","frames":["0x12"]}]}})"
      "\n"
      R"({"crash":{"signal":11,"frames":["0x34"]}})"
      "\n"
      R"({"report":{"kind":"data-race","accesses":2,"stacks":[[["f","a.cpp",3]],[["<null>","<null>",0]]]}})"
      "\n");
  ASSERT_TRUE(tally.hang);
  EXPECT_EQ(tally.hang->at(0).doing, "spins");
  ASSERT_TRUE(tally.crash);
  EXPECT_EQ(tally.crash->signal, 11);
  ASSERT_EQ(tally.hook_reports.size(), 1u);
  EXPECT_EQ(tally.hook_reports[0].stacks.at(0).at(0), (Frame{"f", "a.cpp", 3}));
  EXPECT_EQ(tally.hook_reports[0].stacks.at(1).at(0), (Frame{"", "", 0}));
}

TEST(ExperimentFacts, refuse_what_no_program_of_experiments_writes) {
  EXPECT_FALSE(parse_facts("usage: true\n"));
  EXPECT_FALSE(parse_facts("{\"experiment\":{\"name\":\"x\"}}\n"));
  EXPECT_TRUE(parse_facts("")->empty());
}

TEST(ExperimentFacts, match_any_other_outcome_by_a_star_but_neither_hang_nor_crash) {
  ExperimentFacts experiment;
  experiment.foreseen = {{"1", Grade::acceptable, ""}, {"*", Grade::forbidden, "torn"}};
  EXPECT_EQ(foreseen(experiment, "1")->grade, Grade::acceptable);
  EXPECT_EQ(foreseen(experiment, "17")->grade, Grade::forbidden);
  EXPECT_EQ(foreseen(experiment, "crash"), nullptr);
}

}  // namespace
}  // namespace contend::races
