// A whole `contend run` whose children hang, crash and die of their runtime: the report has all of
// them.
#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/report_json.hpp"

#include "tests/support/programs.hpp"

namespace contend::testing {
namespace {

class BrokenPipeline : public ::testing::Test {
 protected:
  /// Runs a pipeline of one suite, which is this command line.
  void run_suite(const std::string& command) {
    const auto file = folder_.path() / "contend.toml";
    ASSERT_TRUE(write_file(file, "[[suite]]\nname = 'it'\nbudget = '2s'\ncommand = '" + command +
                                     "'\n[[experiment]]\nname = 'lost_update/mutex'\n"
                                     "modes = 'native'\n"));
    const auto out = folder_.path() / "out";
    ran_ = run_program({"contend", "run", file, "-o", out});
    auto report = load_report(out / "report.json");
    ASSERT_TRUE(report) << ran_.said();
    report_ = std::move(*report);
  }

  const Case& suite() const { return of("suite/it"); }
  const Case& experiment() const { return of("races/lost_update/mutex/native"); }

  ScratchFolder folder_ = *ScratchFolder::make();
  Ran ran_;
  Report report_;

 private:
  const Case& of(const std::string& id) const {
    const auto found = std::ranges::find(report_.cases, id, &Case::id);
    if (found == report_.cases.end()) throw std::runtime_error("no case " + id + ran_.said());
    return *found;
  }
};

TEST_F(BrokenPipeline, a_child_that_hangs_is_ended_at_its_budget_and_the_rest_runs) {
  run_suite("sleep 1000");
  EXPECT_EQ(ran_.exit.code, 1) << ran_.said();
  EXPECT_EQ(suite().verdict, Verdict::failed);
  EXPECT_NE(suite().reason.find("deadline"), std::string::npos) << suite().reason;
  EXPECT_EQ(experiment().verdict, Verdict::passed) << experiment().reason;
}

TEST_F(BrokenPipeline, a_child_that_crashes_is_named_with_its_signal_and_the_rest_runs) {
  run_suite("sh -c \"kill -SEGV \\$\\$\"");
  EXPECT_EQ(ran_.exit.code, 1) << ran_.said();
  EXPECT_EQ(suite().verdict, Verdict::failed);
  EXPECT_NE(suite().reason.find("signal 11"), std::string::npos) << suite().reason;
  EXPECT_EQ(experiment().verdict, Verdict::passed) << experiment().reason;
}

TEST_F(BrokenPipeline, a_whole_one_passes) {
  run_suite("true");
  EXPECT_EQ(ran_.exit.code, 0) << ran_.said();
  EXPECT_EQ(suite().verdict, Verdict::passed) << suite().reason;
}

}  // namespace
}  // namespace contend::testing
