// What `races` says for people, and what becomes of it where there is no room or no right to it.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/process.hpp"
#include "core/report_json.hpp"

namespace contend::races {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* found_at = "found at schedule";

/// A shell in a folder of its own.
class RacesOutput : public testing::Test {
 protected:
  /// Returns the exit code; $races is the tool, and $failing a program that it can explore.
  int shell(const std::string& script) {
    const std::string tool = find_program("races").value();
    const std::string explored = find_program("races-explore").value();
    const std::string whole = "races=" + quote_words({tool}) + "; cd " + path("").string() +
                              "; failing='" + explored + " lost_update/load_then_store'; " + script;
    const auto exit =
        run({.argv = {"sh", "-c", whole}, .stdout_to = path("out"), .stderr_to = path("err")},
            std::chrono::seconds(60));
    EXPECT_TRUE(exit && exit->code) << script;
    out = read_file(path("out")).value();
    err = read_file(path("err")).value();
    return exit && exit->code ? *exit->code : -1;
  }

  std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }
  bool is_there(const std::string& name) const { return std::filesystem::exists(path(name)); }

  std::string out;
  std::string err;

 private:
  ScratchFolder folder_ = ScratchFolder::make().value();
};

TEST_F(RacesOutput, says_before_the_search_that_a_schedule_could_not_be_written) {
  EXPECT_EQ(shell("echo >file; $races explore --out file --json r.json -- touch ran"), 3);
  EXPECT_THAT(err, HasSubstr("writing file/touch.schedule.json: Not a directory"));
  EXPECT_EQ(shell("$races explore --out /proc/nope/deep -- touch ran"), 3);
  EXPECT_THAT(err, HasSubstr("writing /proc/nope: "));
  EXPECT_EQ(shell("mkdir touch.lanes.txt; $races explore -- touch ran"), 3);
  EXPECT_THAT(err, HasSubstr("writing touch.lanes.txt: Is a directory"));
  EXPECT_FALSE(is_there("ran"));
  EXPECT_EQ(shell("$races explore --out made/for/nothing -- touch ran"), 64);
  EXPECT_FALSE(is_there("made"));
}

TEST_F(RacesOutput, makes_no_folder_of_a_name_and_each_of_a_place) {
  EXPECT_EQ(shell("$races explore --name sub/x --out 'a b/c' -- $failing"), 1) << err;
  EXPECT_THAT(out, HasSubstr("replay: races replay 'a b/c/sub-x.schedule.json'"));
  EXPECT_TRUE(is_there("a b/c/sub-x.schedule.json"));
  EXPECT_TRUE(is_there("a b/c/sub-x.lanes.txt"));
}

TEST_F(RacesOutput, tells_what_was_found_though_its_schedule_finds_no_room) {
  EXPECT_EQ(shell("ln -s /dev/full x.schedule.json;"
                  "$races explore --name x --json r.json -- $failing"),
            3);
  EXPECT_THAT(out, HasSubstr(found_at));
  EXPECT_THAT(out, Not(HasSubstr("replay: ")));
  EXPECT_THAT(err, HasSubstr("writing x.schedule.json: No space left on device"));
  ASSERT_TRUE(is_there("r.json"));
  EXPECT_EQ(load_report(path("r.json")).value().cases.at(0).verdict, Verdict::failed);
}

TEST_F(RacesOutput, shows_no_control_characters_of_a_log) {
  const std::string log = std::string(CONTEND_SOURCE_ROOT) + "/tests/races/logs/gcc.log";
  EXPECT_EQ(shell("sed 's/#0 /#0 \\x1b[31m\\x1b]0;title\\x07/; s/kinds/\\x1b[1m&/' " + log +
                  " >log; $races scan log"),
            1);
  EXPECT_THAT(out, HasSubstr("\\x1b[31m\\x1b]0;title\\x07"));
  EXPECT_THAT(out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(out, Not(HasSubstr("\x07")));
}

TEST_F(RacesOutput, shows_no_control_characters_of_a_program_that_ends_too_soon) {
  EXPECT_EQ(shell("$races explore -- sh -c 'printf \"\\033[31mred\"; kill -9 $$'"), 3);
  EXPECT_THAT(err, HasSubstr("ended before it could be explored: \\x1b[31mred"));
}

TEST_F(RacesOutput, refuses_a_schedule_broken_by_hand) {
  ASSERT_EQ(shell("$races explore --name x -- $failing"), 1) << err;
  const std::vector<std::pair<std::string, std::string>> broken{
      {"o['argv'] = []", "its argv names no program"},
      {"o['argv'] = 7", ""},
      {"del o['argv']", ""},
      {"del o['choices']", ""},
      {"o['seed'] = -1", ""},
      {"o['steps'] = 1e300", ""},
      {"o['racy'] = ['x']", ""},
      {"o['hash'] = 'xyz'", "\"xyz\" is no hash"},
      {"o['hash'] = '-1'", "\"-1\" is no hash"},
      {"o['choices'][0] = []", ""},
      {"o['choices'][0][0] = -1", ""},
      {"o['choices'][0][0] = 65536", ""},
      {"o['choices'][0][3] = 9", "no choice is of kind 9"},
      {"o['choices'] = o['choices'][:1] * (1 << 20 | 1)", "more than 1048576 choices"}};
  for (const auto& [edit, sentence] : broken) {
    SCOPED_TRACE(edit);
    ASSERT_TRUE(write_file(path("edit"), edit));
    EXPECT_EQ(shell("python3 -c \"import json; o = json.load(open('x.schedule.json')); "
                    "exec(open('edit').read()); json.dump(o, open('y', 'w'))\"; "
                    "$races replay y"),
              64);
    EXPECT_THAT(err, HasSubstr("races: y: a broken schedule: " + sentence));
    EXPECT_EQ(std::ranges::count(err, '\n'), 1) << err;
  }
}

TEST_F(RacesOutput, says_that_what_it_prints_finds_no_room) {
  const std::string log = std::string(CONTEND_SOURCE_ROOT) + "/tests/races/logs/gcc.log";
  ASSERT_EQ(shell("$races explore --name x -- $failing"), 1) << err;
  for (const std::string& words :
       {std::string("list"), std::string("run lost_update --dry-run"), "scan " + log,
        std::string("scan --json r.json ") + log, std::string("explore --name x -- $failing"),
        std::string("replay x.schedule.json")}) {
    EXPECT_EQ(shell("$races " + words + " >/dev/full"), 3) << words;
    EXPECT_EQ(err, "races: writing to standard output: No space left on device\n") << words;
  }
  EXPECT_TRUE(is_there("r.json"));
}

}  // namespace
}  // namespace contend::races
