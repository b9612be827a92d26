// A failure is shown at the line of the program where it happened, whatever library it happened in;
// and an exploration that goes on tells every failure that it met.
#include <fstream>
#include <map>
#include <string>
#include <tuple>

#include "tests/explore/exploring.hpp"

namespace contend::explore {
namespace {

std::string text_of(const Frame& frame) {
  std::ifstream file(frame.file);
  std::string line;
  for (int number = 0; number < frame.line; ++number) std::getline(file, line);
  return line;
}

class End : public Exploring,
            public ::testing::WithParamInterface<std::tuple<std::string, std::string>> {};

TEST_P(End, is_shown_at_its_own_line) {
  const Case result = run(plan_for(std::get<0>(GetParam()), std::get<1>(GetParam())));
  ASSERT_EQ(result.findings.size(), 1U) << result.reason;
  ASSERT_EQ(result.findings[0].stacks.size(), 1U);
  ASSERT_FALSE(result.findings[0].stacks[0].empty());
  const Frame& last = result.findings[0].stacks[0].front();
  EXPECT_NE(text_of(last).find("the end is here"), std::string::npos)
      << last.function << " at " << last.file << ":" << last.line;
}

INSTANTIATE_TEST_SUITE_P(Ends, End,
                         ::testing::Combine(::testing::Values(gcc_subjects, clang_subjects),
                                            ::testing::Values("end_by_assertion", "end_by_abort",
                                                              "end_by_exception", "end_in_library",
                                                              "end_by_null_call",
                                                              "end_by_second_free")),
                         [](const auto& of) {
                           return (std::get<0>(of.param) == gcc_subjects ? "gcc_" : "clang_") +
                                  std::get<1>(of.param);
                         });

using Ending = Exploring;

TEST_F(Ending, of_every_kind_is_told_when_the_search_goes_on) {
  Plan plan = plan_for(gcc_subjects, "end_in_two_ways");
  EXPECT_EQ(run(plan).findings.size(), 1U);
  plan.keep_going = true;
  const Case result = run(plan);
  std::map<std::string, std::int64_t> times;
  for (const Finding& finding : result.findings) times[finding.message] = finding.count;
  ASSERT_EQ(times.size(), 2U) << result.reason;
  EXPECT_GT(times["exited with 3"], 0);
  EXPECT_GT(times["exited with 4"], 0);
}

}  // namespace
}  // namespace contend::explore
