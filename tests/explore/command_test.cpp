// races explore and races replay as a user types them: exit codes, files, sentences.
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "core/process.hpp"
#include "core/report_json.hpp"

#include "tests/explore/exploring.hpp"

namespace contend::explore {
namespace {

struct Said {
  int code = -1;
  std::string text;
};

class Command : public ::testing::Test {
 protected:
  Said races(std::vector<std::string> words) {
    words.insert(words.begin(), CONTEND_RACES);
    const std::filesystem::path log = folder() / "log";
    const Expected<Exit> exit =
        contend::run({.argv = {"sh", "-c", "exec " + quote_words(words) + " </dev/null"},
                      .stdout_to = log,
                      .stderr_to = log},
                     std::chrono::minutes(2));
    const Expected<std::string> text = read_file(log);
    if (!exit || !text) return {};
    return {exit->code.value_or(-1), *text};
  }

  std::filesystem::path folder() const { return folder_->path(); }

 private:
  Expected<ScratchFolder> folder_ = ScratchFolder::make();
};

TEST_F(Command, exits_1_and_prints_the_replay_command_that_then_exits_1) {
  const Said found = races({"explore", "--out", folder(), "--json", folder() / "report.json", "--",
                            gcc_subjects, "lock_order_broken"});
  EXPECT_EQ(found.code, 1) << found.text;
  const std::string file = folder() / "subjects_gcc.schedule.json";
  EXPECT_NE(found.text.find("races replay " + file), std::string::npos) << found.text;
  EXPECT_EQ(races({"replay", file}).code, 1);
  const Expected<Report> report = load_report(folder() / "report.json");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->cases.at(0).id, "races/explore/subjects_gcc");
  EXPECT_EQ(report->cases.at(0).artifacts,
            (std::vector<std::string>{file, folder() / "subjects_gcc.lanes.txt"}));
  EXPECT_NE(found.text.find("> "), std::string::npos) << found.text;
  EXPECT_NE(found.text.find("locks waiting.cpp:"), std::string::npos) << found.text;
}

TEST_F(Command, prints_the_first_ten_findings_and_reports_all) {
  const std::filesystem::path json = folder() / "report.json";
  const Said found = races({"explore", "--out", folder(), "--json", json, "--schedules", "5", "--",
                            gcc_subjects, "many_races_broken"});
  const Expected<Report> report = load_report(json);
  ASSERT_TRUE(report);
  const std::size_t races = report->cases.at(0).findings.size();
  EXPECT_GE(races, 12U) << found.text;
  EXPECT_NE(found.text.find(fmt::format("\nand {} more findings: --json", races - 10)),
            std::string::npos)
      << found.text;
  std::size_t printed = 0;
  for (std::size_t at = found.text.find("\nexplore."); at != std::string::npos;
       at = found.text.find("\nexplore.", at + 1)) {
    ++printed;
  }
  EXPECT_EQ(printed, 10U) << found.text;
}

// As `races run` found it, whose report says so.
TEST_F(Command, explores_an_experiment_by_its_name) {
  const std::filesystem::path json = folder() / "report.json";
  const Said ran =
      races({"run", "aba/untagged", "--modes", "explore", "--seed", "7", "--json", json});
  const Expected<Report> report = load_report(json);
  ASSERT_TRUE(report) << ran.text;
  EXPECT_EQ(report->cases.back().reproduce, "races explore aba/untagged --seed 7");
  const Said said = races({"explore", "aba/untagged", "--seed", "7", "--out", folder()});
  EXPECT_EQ(said.code, 1) << said.text;
  EXPECT_NE(said.text.find(report->cases.back().reason), std::string::npos) << said.text;
  EXPECT_NE(said.text.find("aba.cpp:"), std::string::npos) << said.text;
  EXPECT_EQ(races({"replay", folder() / "aba-untagged.schedule.json"}).code, 1);
  EXPECT_EQ(races({"explore", "aba/tagged", "--schedules", "50", "--out", folder()}).code, 0);
}

TEST_F(Command, refuses_an_experiment_that_there_is_not) {
  EXPECT_EQ(races({"explore", "aba/tugged"}).code, 3);
  const std::string catalogue = std::filesystem::path(CONTEND_RACES).parent_path().parent_path() /
                                "libexec" / "contend" / "races";
  const Said said = races({"explore", "--catalogue", catalogue, "aba/tugged"});
  EXPECT_EQ(said.code, 64);
  EXPECT_NE(said.text.find("no experiment is called \"aba/tugged\""), std::string::npos)
      << said.text;
  EXPECT_EQ(races({"explore", "--catalogue", catalogue, "--out", folder(), "aba/untagged"}).code,
            1);
}

// A machine may have no gdb, or a container in which nobody traces anybody.
bool can_debug() {
  const Expected<Exit> exit = contend::run(
      {.argv = {"sh", "-c",
                "gdb -nx -batch -ex run --args true </dev/null 2>&1 | grep -q 'exited normally'"}},
      std::chrono::minutes(1));
  return exit && exit->code == 0;
}

TEST_F(Command, stops_in_gdb_where_the_failure_is) {
  if (!can_debug()) GTEST_SKIP() << "gdb cannot run a program here";
  for (const auto& [subject, sign] :
       {std::pair{"lock_order_broken", "SIGTRAP"}, std::pair{"publish_relaxed_broken", "SIGTRAP"},
        std::pair{"counter_load_then_store", "SIGABRT"}}) {
    races({"explore", "--out", folder(), "--name", subject, "--", gcc_subjects, subject});
    const std::string file = folder() / (std::string(subject) + ".schedule.json");
    const Said said = races({"replay", "--gdb", file, "--", "-nx", "-batch", "-ex", "bt"});
    EXPECT_NE(said.text.find(sign), std::string::npos) << said.text;
    EXPECT_NE(said.text.find("tests/explore/subjects/"), std::string::npos) << said.text;
  }
}

TEST_F(Command, stops_in_gdb_where_the_program_leaves_its_file) {
  if (!can_debug()) GTEST_SKIP() << "gdb cannot run a program here";
  races({"explore", "--out", folder(), "--name", "it", "--", gcc_subjects, "lost_wakeup_broken"});
  const std::filesystem::path file = folder() / "it.schedule.json";
  const Expected<std::string> text = read_file(file);
  ASSERT_TRUE(text);
  std::string other = *text;
  const std::size_t at = other.find("lost_wakeup_broken");
  ASSERT_NE(at, std::string::npos);
  other.replace(at, std::string("lost_wakeup_broken").size(), "notify_one_broken");
  ASSERT_TRUE(write_file(file, other));
  const Said said = races({"replay", "--gdb", file, "--", "-nx", "-batch", "-ex", "bt"});
  EXPECT_NE(said.text.find("SIGTRAP"), std::string::npos) << said.text;
  EXPECT_NE(said.text.find("notify_one_broken"), std::string::npos) << said.text;
}

TEST_F(Command, exits_0_when_it_is_proved) {
  const Said proved = races({"explore", "--out", folder(), "--", gcc_subjects, "counter_mutex"});
  EXPECT_EQ(proved.code, 0) << proved.text;
  EXPECT_NE(proved.text.find("proved"), std::string::npos);
}

TEST_F(Command, exits_2_when_something_is_not_controlled) {
  const Said stuck = races({"explore", "--out", folder(), "--", gcc_subjects, "forks"});
  EXPECT_EQ(stuck.code, 2) << stuck.text;
  EXPECT_NE(stuck.text.find("uncontrolled: fork"), std::string::npos) << stuck.text;
}

TEST_F(Command, refuses_a_strategy_that_there_is_not) {
  const Said refused =
      races({"explore", "--strategy", "magic", "--", gcc_subjects, "counter_mutex"});
  EXPECT_EQ(refused.code, 64);
  EXPECT_NE(refused.text.find("--strategy: 'magic' is no strategy"), std::string::npos)
      << refused.text;
}

TEST_F(Command, looks_for_leaks_unless_told_not_to) {
  for (const auto& [leaks, code] : {std::pair{"yes", 1}, std::pair{"no", 0}, std::pair{"x", 64}}) {
    const Said said = races({"explore", "--leaks", leaks, "--schedules", "10", "--out", folder(),
                             "--", gcc_subjects, "leak_list_broken"});
    EXPECT_EQ(said.code, code) << said.text;
  }
}

TEST_F(Command, refuses_a_schedule_that_is_not_there) {
  EXPECT_EQ(races({"replay", folder() / "none"}).code, 3);
}

}  // namespace
}  // namespace contend::explore
