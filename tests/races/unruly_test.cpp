// What a misbehaving experiment is called, and that the next one does not notice.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/process.hpp"
#include "core/report_json.hpp"

namespace contend::races {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

/// `time` is what the canaries have as well: much, where a verdict is asked for.
Report run_unruly(const std::vector<std::string>& names, const std::string& mode,
                  const std::string& time = "20s") {
  const auto folder = ScratchFolder::make().value();
  const std::string json = folder.path() / "report.json";
  std::vector<std::string> words{find_program("races").value(), "run"};
  for (const std::string& name : names) words.push_back("unruly/" + name);
  words.insert(words.end(), {"--modes", mode, "--time", time, "--seed", "1", "--catalogue",
                             CONTEND_UNRULY, "--json", json});
  const auto exit =
      run({.argv = words, .stdout_to = folder.path() / "out"}, std::chrono::seconds(100));
  EXPECT_TRUE(exit && exit->code) << "races did not end by itself";
  return load_report(json).value();
}

const Case& unruly_case(const Report& report, const std::string& name) {
  const auto found = std::ranges::find_if(report.cases, [&](const Case& each) {
    return each.id.starts_with("races/unruly/" + name + "/");
  });
  if (found == report.cases.end()) throw std::runtime_error("no case of " + name);
  return *found;
}

/// "tests/races/unruly.cpp:35 ", of this text.
std::string place_of(const std::string& text) {
  const std::string file = "tests/races/unruly.cpp";
  const std::string source = read_file(std::filesystem::path(CONTEND_SOURCE_ROOT) / file).value();
  const auto end = source.begin() + static_cast<std::ptrdiff_t>(source.find(text));
  return file + ":" + std::to_string(std::count(source.begin(), end, '\n') + 1) + " ";
}

TEST(Unruly, a_hang_in_which_nobody_stands_still_is_told_at_its_budget) {
  const Report report = run_unruly({"polls", "calm"}, "native", "500ms");
  const Case& hung = unruly_case(report, "polls");
  EXPECT_EQ(hung.verdict, Verdict::failed);
  EXPECT_THAT(hung.reason, ContainsRegex("hung .*: actor 1 .* at .*tests/races/unruly.cpp:[0-9]+"));
  EXPECT_THAT(hung.reason, HasSubstr("actor 2 waits for the others"));
  EXPECT_GT(find_metric(unruly_case(report, "calm"), "trials")->value.value(), 0);
}

TEST(Unruly, an_actor_that_will_wake_by_itself_is_no_hang) {
  for (const char* mode : {"native", "tsan"}) {
    const Report report = run_unruly({"naps"}, mode);
    EXPECT_EQ(unruly_case(report, "naps").verdict, Verdict::passed)
        << unruly_case(report, "naps").reason;
  }
}

TEST(Unruly, a_crash_has_its_signal_and_its_line_in_every_lens) {
  for (const char* mode : {"native", "tsan"}) {
    const Report report = run_unruly({"aborts", "calm"}, mode);
    const Case& crashed = unruly_case(report, "aborts");
    EXPECT_EQ(crashed.verdict, Verdict::failed);
    EXPECT_THAT(crashed.reason, HasSubstr("of signal 6 (Aborted"));
    EXPECT_THAT(crashed.reason, HasSubstr(place_of("std::abort();")));
    EXPECT_EQ(crashed.findings.at(0).rule, "races.crash");
    EXPECT_EQ(unruly_case(report, "calm").verdict, Verdict::passed);
  }
}

TEST(Unruly, what_an_experiment_prints_costs_no_count) {
  const Report report = run_unruly({"prints"}, "native");
  EXPECT_EQ(unruly_case(report, "prints").verdict, Verdict::passed)
      << unruly_case(report, "prints").reason;
}

}  // namespace
}  // namespace contend::races
