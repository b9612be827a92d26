// The real programs: what `races` prints, writes and exits with.
#include <algorithm>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/process.hpp"
#include "core/report_json.hpp"
#include "core/sanitizer_fingerprint.hpp"
#include "core/sanitizer_report.hpp"

#include "races/tally.hpp"

namespace contend::races {
namespace {

using testing::Contains;
using testing::HasSubstr;

struct Ran {
  Exit exit;
  std::string out;
  std::string err;
  Report report;
};

const ScratchFolder& scratch() {
  static const ScratchFolder folder = ScratchFolder::make().value();
  return folder;
}

Ran races(std::vector<std::string> words, const std::string& input = "") {
  const auto folder = scratch().path();
  const auto json = folder / "report.json";
  std::filesystem::remove(json);
  words.insert(words.begin(), find_program("races").value().string());
  if (!input.empty()) words = {"sh", "-c", quote_words(words) + " < " + input};
  Ran ran;
  ran.exit = run({.argv = words, .stdout_to = folder / "out", .stderr_to = folder / "err"},
                 std::chrono::seconds(300))
                 .value();
  ran.out = read_file(folder / "out").value();
  ran.err = read_file(folder / "err").value();
  if (std::filesystem::exists(json)) ran.report = load_report(json).value();
  return ran;
}

std::string json_path() {
  return scratch().path() / "report.json";
}

const Case& case_of(const Report& report, const std::string& id) {
  const auto found = std::ranges::find(report.cases, id, &Case::id);
  EXPECT_NE(found, report.cases.end()) << id;
  return *found;
}

std::int64_t line_of(const std::string& file, const std::string& text) {
  const std::string source = read_file(std::filesystem::path(CONTEND_SOURCE_ROOT) / file).value();
  return std::count(source.begin(), source.begin() + static_cast<long>(source.find(text)), '\n') +
         1;
}

TEST(Races, lists_one_experiment_a_line) {
  const Ran ran = races({"list"});
  EXPECT_TRUE(ran.exit.ok());
  EXPECT_THAT(ran.out, HasSubstr("lost_update/plain"));
  EXPECT_THAT(ran.out, testing::Not(HasSubstr("canary")));
}

TEST(Races, makes_n_plus_equals_one_lose_and_a_lock_keep) {
  if (std::thread::hardware_concurrency() < 2) GTEST_SKIP() << "needs two CPUs";
  const Ran ran = races({"run", "lost_update/plain", "lost_update/mutex", "lost_update/atomic",
                         "--modes", "native", "--json", json_path()});
  ASSERT_EQ(ran.exit.code, 0) << ran.out << ran.err;
  const Case& plain = case_of(ran.report, "races/lost_update/plain/native");
  EXPECT_GT(find_metric(plain, "lost_updates")->value.value(), 0);
  EXPECT_EQ(find_metric(plain, "lowest_final_value")->value, 1);
  EXPECT_EQ(plain.expect, Expect::defect);
  for (const char* kept : {"races/lost_update/mutex/native", "races/lost_update/atomic/native"}) {
    const Case& fixed = case_of(ran.report, kept);
    EXPECT_EQ(fixed.verdict, Verdict::passed);
    EXPECT_EQ(find_metric(fixed, "lost_updates")->value, 0);
    EXPECT_GT(find_metric(fixed, "trials")->value.value(), 1000);
  }
}

TEST(Races, shows_both_ends_of_the_race_at_the_right_lines) {
  const Ran ran = races(
      {"run", "lost_update/plain", "lost_update/mutex", "--modes", "tsan", "--json", json_path()});
  ASSERT_EQ(ran.exit.code, 0) << ran.out << ran.err;
  const Case& plain = case_of(ran.report, "races/lost_update/plain/tsan");
  ASSERT_FALSE(plain.findings.empty());
  const Finding& race = plain.findings.front();
  EXPECT_EQ(race.rule, "tsan.data-race");
  EXPECT_EQ(race.level, Level::note);
  const std::string file = "races/catalogue/lost_update.cpp";
  const std::int64_t actor1 = line_of(file, "void actor1() { n += 1; }");
  std::vector<std::int64_t> lines{race.stacks.at(0).at(0).line, race.stacks.at(1).at(0).line};
  std::ranges::sort(lines);
  EXPECT_EQ(race.stacks[0][0].file, file);
  EXPECT_EQ(lines, (std::vector{actor1, actor1 + 1}));
  EXPECT_TRUE(case_of(ran.report, "races/lost_update/mutex/tsan").findings.empty());
}

TEST(Races, stops_a_hang_says_where_each_actor_stood_and_goes_on) {
  const Ran ran = races({"run", "lock_order", "--modes", "native", "--json", json_path()});
  ASSERT_EQ(ran.exit.code, 0) << ran.out << ran.err;
  const Case& hung = case_of(ran.report, "races/lock_order/two_orders/native");
  ASSERT_EQ(hung.findings.size(), 1u) << hung.reason;
  EXPECT_EQ(hung.findings[0].rule, "races.hang");
  EXPECT_THAT(hung.reason, HasSubstr("actor 1 is blocked at"));
  EXPECT_THAT(hung.reason, HasSubstr("actor 2 is blocked at"));
  EXPECT_THAT(hung.reason, HasSubstr("races/catalogue/lock_order.cpp:"));
  EXPECT_THAT(case_of(ran.report, "races/lock_order/scoped_lock/native").reason,
              HasSubstr("clean in"));
}

TEST(Races, tells_a_crash_with_its_signal_and_stack) {
  if (std::thread::hardware_concurrency() < 2) GTEST_SKIP() << "needs two CPUs";
  const Ran ran = races({"run", "shared_pointer", "--modes", "native", "--json", json_path()});
  ASSERT_EQ(ran.exit.code, 0) << ran.out << ran.err;
  const Case& broken = case_of(ran.report, "races/shared_pointer/plain/native");
  EXPECT_EQ(broken.verdict, Verdict::passed);
  EXPECT_EQ(case_of(ran.report, "races/shared_pointer/mutex/native").verdict, Verdict::passed);
  if (broken.findings.empty()) GTEST_SKIP() << "the heap survived: " << broken.reason;
  EXPECT_EQ(broken.findings[0].rule == "races.crash" || broken.findings[0].rule == "races.hang",
            true);
  EXPECT_FALSE(broken.findings[0].stacks.at(0).empty());
}

TEST(Races, sees_a_lock_order_without_a_hang_and_stays_silent_on_what_it_cannot_see) {
  const Ran ran = races({"run", "lock_order/two_orders", "lost_update/load_then_store",
                         "message_passing/fences", "--modes", "tsan", "--json", json_path()});
  ASSERT_EQ(ran.exit.code, 0) << ran.out << ran.err;
  EXPECT_EQ(case_of(ran.report, "races/lock_order/two_orders/tsan").findings.at(0).rule,
            "tsan.lock-order-inversion");
  EXPECT_THAT(case_of(ran.report, "races/lost_update/load_then_store/tsan").reason,
              HasSubstr("blind, as known"));
}

TEST(Races, prints_a_plan_and_runs_nothing) {
  const Ran ran = races({"run", "lost_update", "--dry-run", "--seed", "7"});
  EXPECT_EQ(ran.exit.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("\"seed\": 7"));
  EXPECT_THAT(ran.out, HasSubstr("lost_update/atomic"));
}

TEST(Races, names_the_flag_and_the_value_that_are_wrong) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong{
      {{"run", "no/such"}, "no experiment is called \"no/such\""},
      {{"run", "--modes", "xray"}, "--modes: there is no mode \"xray\""},
      {{"run", "--time", "soon"}, "--time"},
      {{"run", "--time", "0"}, "--time: 0 leaves no time"},
      {{"run", "--seed", "red"}, "--seed: \"red\" is not a whole number"},
      {{"run", "--seed", "-1"}, "--seed: \"-1\" is not a whole number"},
      {{"fly"}, "fly"},
      {{"scan"}, "LOG"}};
  for (const auto& [words, sentence] : wrong) {
    const Ran ran = races(words);
    EXPECT_EQ(ran.exit.code, 64) << sentence;
    EXPECT_THAT(ran.err, HasSubstr(sentence));
  }
  EXPECT_EQ(races({"run", "lost_update", "--json", "/no/such/folder/r.json"}).exit.code, 3);
  EXPECT_EQ(races({"run", "--catalogue", "/no/such/program"}).exit.code, 3);
}

/// Programs of experiments whose -tsan is the native one: its instrumentation went missing.
std::string uninstrumented_programs() {
  const auto native = find_program("races-native").value();
  const auto prefix = scratch().path() / "bare";
  for (const char* suffix : {"-native", "-tsan"}) {
    const std::filesystem::path link = prefix.string() + suffix;
    std::filesystem::remove(link);
    std::filesystem::create_symlink(native, link);
  }
  return prefix;
}

TEST(Races, trust_no_lens_whose_instrumentation_went_missing) {
  const Ran ran = races({"run", "lost_update/mutex", "--modes", "tsan", "--time", "500ms",
                         "--catalogue", uninstrumented_programs(), "--json", json_path()});
  EXPECT_EQ(ran.exit.code, 2) << ran.out;
  const Case& fixed = case_of(ran.report, "races/lost_update/mutex/tsan");
  EXPECT_EQ(fixed.verdict, Verdict::inconclusive);
  EXPECT_THAT(fixed.reason, HasSubstr("canary"));
}

/// Both ends of each report, as "file:line file:line", in order.
using Ends = std::set<std::string>;

std::string ends_of(const std::vector<std::vector<Frame>>& stacks) {
  std::vector<std::string> places;
  for (std::size_t i = 0; i < std::min<std::size_t>(2, stacks.size()); ++i) {
    const Frame* frame = user_frame(stacks[i]);
    if (frame != nullptr) places.push_back(frame->file + ":" + std::to_string(frame->line));
  }
  std::ranges::sort(places);
  return places.empty() ? "" : places.front() + " " + places.back();
}

TEST(RacesTsan, tells_one_story_in_its_log_and_in_its_hook) {
  for (const char* name : {"lost_update/plain", "torn_value/plain", "reference_count/plain"}) {
    SCOPED_TRACE(name);
    const auto folder = scratch().path();
    const auto exit = run_sanitized({.argv = {find_program("races-tsan").value(), "run", name,
                                              "20000000000", "300000000", "7", "report"},
                                     .env = {{"TSAN_OPTIONS", tsan_options("")}},
                                     .stdout_to = folder / "hook",
                                     .stderr_to = folder / "log"},
                                    std::chrono::seconds(120));
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->code, 66);
    const Tally tally = parse_tally(read_file(folder / "hook").value());
    const SanitizerLog log =
        read_sanitizer_log(read_file(folder / "log").value(), CONTEND_SOURCE_ROOT);
    ASSERT_FALSE(tally.hook_reports.empty());
    Ends by_hook, by_log;
    for (const HookReport& report : tally.hook_reports) {
      EXPECT_EQ(report.kind, "data-race");
      by_hook.insert(ends_of(report.stacks));
    }
    std::int64_t printed = 0;
    for (const Finding& finding : log.findings) {
      EXPECT_EQ(finding.rule, "tsan.data-race");
      printed += finding.count;
      by_log.insert(ends_of(finding.stacks));
    }
    EXPECT_EQ(printed, static_cast<std::int64_t>(tally.hook_reports.size()));
    EXPECT_TRUE(std::ranges::includes(by_hook, by_log));
    EXPECT_FALSE(by_log.contains(""));
  }
}

TEST(RacesScan, finds_races_in_any_programs_log) {
  const std::string logs = std::string(CONTEND_SOURCE_ROOT) + "/tests/races/logs/";
  const Ran gcc = races({"scan", logs + "gcc.log", "--json", json_path()});
  EXPECT_EQ(gcc.exit.code, 1);
  EXPECT_EQ(gcc.report.cases.at(0).findings.size(), 11u);
  const Ran go = races({"scan", "-"}, logs + "go.log");
  EXPECT_EQ(go.exit.code, 1);
  EXPECT_THAT(go.out, HasSubstr("go.data-race"));
  const Ran source = races({"scan", logs + "kinds.cpp"});
  EXPECT_EQ(source.exit.code, 0);
  EXPECT_THAT(source.out, testing::ContainsRegex("no report; [0-9]+ lines are of something else"));
  EXPECT_EQ(races({"scan", "/dev/null"}).exit.code, 2);
  EXPECT_EQ(races({"scan", "/no/such.log"}).exit.code, 3);
}

TEST(RacesScan, tells_what_it_has_read_of_a_stream_when_interrupted) {
  const std::string log = std::string(CONTEND_SOURCE_ROOT) + "/tests/races/logs/go.log";
  // The writer stays, as a server under test does; only the reader is told to stop.
  const std::string reader =
      quote_words({"timeout", "--foreground", "--signal=INT", "1", find_program("races").value(),
                   "scan", "-", "--json", json_path()});
  const std::string script = "{ cat " + log + "; echo $BASHPID >writer; exec sleep 100; } | { " +
                             reader + "; kill $(cat writer); }";
  std::filesystem::remove(json_path());
  const auto exit = run({.argv = {"bash", "-c", "cd " + scratch().path().string() + "; " + script},
                         .stdout_to = scratch().path() / "out"},
                        std::chrono::seconds(30));
  ASSERT_TRUE(exit && !exit->timed_out);
  const Report report = load_report(json_path()).value();
  EXPECT_TRUE(report.interrupted);
  EXPECT_EQ(report.cases.at(0).findings.size(), 2u);
}

}  // namespace
}  // namespace contend::races
