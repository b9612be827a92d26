// The main job, as ci/demo runs it: `contend run` with no file, over the programs of this build.
#include <algorithm>
#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>

#include "core/report_json.hpp"

#include "tests/support/programs.hpp"

namespace contend::testing {
namespace {

namespace fs = std::filesystem;

class MainJob : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new ScratchFolder(*ScratchFolder::make());
    out_ = folder_->path() / "contend-report";
    ran_ =
        new Ran(run_program({"contend", "run", "--out", out_.string()}, std::chrono::seconds(270)));
    if (auto report = load_report(out_ / "report.json")) report_ = new Report(*report);
  }
  static void TearDownTestSuite() {
    delete report_;
    delete ran_;
    delete folder_;
  }
  void SetUp() override { ASSERT_NE(report_, nullptr) << ran_->said(); }

  static const Case& the_case(const std::string& prefix) {
    static const Case none;
    const auto found = std::ranges::find_if(
        report_->cases, [&](const Case& each) { return each.id.starts_with(prefix); });
    EXPECT_NE(found, report_->cases.end()) << "no case " << prefix << "\n" << ran_->said();
    return found == report_->cases.end() ? none : *found;
  }
  static double value(const Case& in, const std::string& name) {
    const Metric* found = find_metric(in, name);
    EXPECT_TRUE(found != nullptr && found->value) << in.id << " has no " << name;
    return found != nullptr ? found->value.value_or(-1) : -1;
  }

  static ScratchFolder* folder_;
  static fs::path out_;
  static Ran* ran_;  // one run serves all tests of the suite
  static Report* report_;
};

ScratchFolder* MainJob::folder_ = nullptr;
fs::path MainJob::out_;
Ran* MainJob::ran_ = nullptr;
Report* MainJob::report_ = nullptr;

TEST_F(MainJob, passes_and_ends_with_the_path_of_the_report) {
  EXPECT_EQ(ran_->exit.code, 0) << ran_->said();
  EXPECT_EQ(overall(*report_), Verdict::passed);
  EXPECT_TRUE(ran_->out.ends_with((out_ / "report.json").string() + "\n")) << ran_->out;
  for (const char* name : {"report.json", "junit.xml", "report.md"}) {
    EXPECT_TRUE(fs::exists(out_ / name)) << name;
  }
}

TEST_F(MainJob, writes_a_report_that_its_schema_accepts) {
  const auto python = [](const std::string& script, const std::vector<std::string>& words) {
    std::vector<std::string> argv{"/usr/bin/python3", "-c", script};
    argv.insert(argv.end(), words.begin(), words.end());
    return run_program(argv);
  };
  if (python("import jsonschema", {}).exit.code != 0) GTEST_SKIP() << "no python3-jsonschema";
  const std::string validate =
      "import json, sys, jsonschema\n"
      "schema, report = (json.load(open(path)) for path in sys.argv[1:])\n"
      "jsonschema.Draft202012Validator(schema).validate(report)\n"
      "assert {case['id'].split('/')[0] for case in report['cases']} >= {'loadgen', 'races'}\n";
  const Ran judged = python(validate, {CONTEND_REPORT_SCHEMA, (out_ / "report.json").string()});
  EXPECT_EQ(judged.exit.code, 0) << judged.said();
  EXPECT_NE(python(validate, {CONTEND_REPORT_SCHEMA, CONTEND_REPORT_SCHEMA}).exit.code, 0);
}

TEST_F(MainJob, sets_the_counts_of_clients_and_server_and_the_race_side_by_side) {
  for (const char* kind : {"plain", "mutex", "atomic"}) {
    const Case& load = the_case("loadgen/counter-" + std::string(kind) + "/");
    EXPECT_EQ(value(load, "counted_bytes") + value(load, "lost_bytes"),
              value(load, "bytes_verified"))
        << load.id;
    const auto is_race = [](const Finding& each) { return each.rule == "tsan.data-race"; };
    const bool racy = kind == std::string("plain");
    EXPECT_EQ(std::ranges::any_of(load.findings, is_race), racy) << load.id;
    if (!racy) {
      EXPECT_EQ(value(load, "lost_bytes"), 0) << load.id;
    }
  }
  const std::string page = read_file(out_ / "report.html").value();
  EXPECT_NE(page.find("race that ThreadSanitizer saw"), std::string::npos);
  EXPECT_NE(page.find("counter_plain.cpp:"), std::string::npos);
}

TEST_F(MainJob, drives_each_concurrent_model_with_a_hundred_verified_clients) {
  const Ran listed = run_program({"echo-server", "--list"});
  std::istringstream lines(listed.out);
  int driven = 0;
  // The models come first, then, after a blank line, the faults.
  for (std::string line; std::getline(lines, line) && !line.empty(); ++driven) {
    const std::string model = line.substr(0, line.find(' '));
    if (model == "sequential") continue;
    const Case& load = the_case("loadgen/" + model + "/c100");
    if (load.verdict == Verdict::skipped) continue;  // uring, where the kernel forbids it
    EXPECT_EQ(load.verdict, Verdict::passed) << load.id << ": " << load.reason;
    EXPECT_EQ(value(load, "clients_served"), 100) << load.id;
    EXPECT_GE(value(load, "messages_answered"), 1000) << load.id;
    EXPECT_EQ(value(load, "errors_total"), 0) << load.id;
  }
  EXPECT_GE(driven, 2) << listed.said();
}

TEST_F(MainJob, says_who_the_sequential_server_made_wait) {
  const Case& load = the_case("loadgen/sequential/");
  EXPECT_EQ(load.verdict, Verdict::passed) << load.reason;
  EXPECT_GT(value(load, "clients_served"), 1);
  EXPECT_GT(value(load, "longest_wait_ns"), 0);
}

TEST_F(MainJob, shows_the_lost_update_and_that_its_fixes_lose_nothing) {
  const Case& plain = the_case("races/lost_update/plain/native");
  // On one core an update is hardly ever lost; then the case says so and does not pass.
  EXPECT_GT(value(plain, "trials"), 0);
  EXPECT_GT(value(plain, "lost_updates"), 0) << plain.reason;
  EXPECT_EQ(plain.expect, Expect::defect);
  for (const char* fixed : {"mutex", "atomic"}) {
    const Case& native = the_case("races/lost_update/" + std::string(fixed) + "/native");
    EXPECT_EQ(value(native, "lost_updates"), 0) << native.id;
    EXPECT_EQ(native.verdict, Verdict::passed);
    const Case& tsan = the_case("races/lost_update/" + std::string(fixed) + "/tsan");
    EXPECT_TRUE(tsan.findings.empty()) << tsan.id;
    EXPECT_EQ(tsan.verdict, Verdict::passed);
  }
}

TEST_F(MainJob, has_both_stacks_of_the_race_at_the_right_line) {
  const Case& tsan = the_case("races/lost_update/plain/tsan");
  ASSERT_FALSE(tsan.findings.empty()) << tsan.reason;
  const Finding& race = tsan.findings.front();
  EXPECT_EQ(race.rule, "tsan.data-race");
  EXPECT_EQ(race.level, Level::note) << "the defect was expected";
  ASSERT_GE(race.stacks.size(), 2U);
  for (std::size_t side = 0; side < 2; ++side) {
    const auto is_the_line = [](const Frame& frame) {
      return frame.file.ends_with("lost_update.cpp");
    };
    EXPECT_TRUE(std::ranges::any_of(race.stacks[side], is_the_line)) << "stack " << side;
  }
}

}  // namespace
}  // namespace contend::testing
