// Programs in the shapes of published suites, in C and without the C++ library: each broken one is
// found, its fixed twin is not accused.
#include <string>

#include "tests/explore/exploring.hpp"

namespace contend::explore {
namespace {

struct Shape {
  std::string name;
  std::string rule;  ///< of the broken one's first finding
  std::uint64_t schedules = 300;
};

void PrintTo(const Shape& shape, std::ostream* out) {
  *out << shape.name;
}

class Suite : public Exploring, public ::testing::WithParamInterface<Shape> {
 protected:
  Case run_as(const std::string& kind) {
    Plan plan = plan_for(CONTEND_SUITE, GetParam().name);
    plan.argv.push_back(kind);
    plan.schedules = kind == "broken" ? 10'000 : GetParam().schedules;
    plan.minimise = false;
    return run(plan);
  }
};

TEST_P(Suite, is_found_when_broken) {
  const Case result = run_as("broken");
  ASSERT_EQ(result.verdict, Verdict::failed) << result.reason;
  EXPECT_EQ(result.findings.at(0).rule, GetParam().rule) << result.reason;
}

TEST_P(Suite, is_not_accused_when_fixed) {
  const Case result = run_as("fixed");
  EXPECT_EQ(result.verdict, Verdict::passed) << result.reason;
}

INSTANTIATE_TEST_SUITE_P(
    Explorer, Suite,
    ::testing::Values(Shape{"reorder", "explore.abort", 50},
                      Shape{"two_stages", "explore.abort", 20}, Shape{"queue", "explore.abort"},
                      Shape{"heavy", "explore.abort"}, Shape{"connection", "explore.heap"},
                      Shape{"late_post", "explore.abort"}, Shape{"deep", "explore.heap", 50},
                      Shape{"back_off", "explore.deadlock"}),
    [](const auto& of) { return of.param.name; });

}  // namespace
}  // namespace contend::explore
