#include "core/sanitizer_report.hpp"

#include <algorithm>
#include <array>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/sanitizer_lines.hpp"

namespace contend {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const std::filesystem::path logs = std::filesystem::path(CONTEND_SOURCE_ROOT) / "tests/races/logs";

std::string log_text(const std::string& name) {
  return read_file(logs / name).value();
}

SanitizerLog read_log(const std::string& name) {
  return read_sanitizer_log(log_text(name), logs);
}

std::vector<std::string> rules(const SanitizerLog& log) {
  std::vector<std::string> rules;
  for (const Finding& finding : log.findings) rules.push_back(finding.rule);
  return rules;
}

std::vector<std::string> fingerprints(const SanitizerLog& log, const std::string& rule) {
  std::vector<std::string> all;
  for (const Finding& finding : log.findings) {
    if (finding.rule == rule) all.push_back(finding.fingerprint);
  }
  return all;
}

const Finding& first(const SanitizerLog& log, const std::string& rule) {
  return *std::ranges::find(log.findings, rule, &Finding::rule);
}

TEST(SanitizerReport, reads_every_kind_that_gcc_reports) {
  const SanitizerLog log = read_log("gcc.log");
  EXPECT_THAT(
      rules(log),
      ElementsAre("tsan.data-race", "tsan.data-race", "tsan.heap-use-after-free",
                  "tsan.data-race-vptr", "tsan.lock-order-inversion", "tsan.locked-mutex-destroy",
                  "tsan.mutex-bad-unlock", "tsan.data-race", "tsan.signal-unsafe-call",
                  "tsan.errno-in-signal-handler", "tsan.thread-leak"));
  EXPECT_FALSE(log.broken);
  EXPECT_EQ(log.cut_off, 0);
}

TEST(SanitizerReport, names_both_places_of_a_race_and_what_was_raced_on) {
  for (const char* name : {"gcc.log", "gcc.separated.log", "clang.log", "clang.separated.log"}) {
    SCOPED_TRACE(name);
    const Finding race = read_log(name).findings.at(0);
    ASSERT_GE(race.stacks.size(), 2u);
    ASSERT_EQ(race.stacks.size(), race.labels.size());
    for (const auto end : {0u, 1u}) {
      EXPECT_THAT(race.stacks[end].at(0).function, HasSubstr("bump"));
      EXPECT_EQ(race.stacks[end].at(0).file, "kinds.cpp");
      EXPECT_EQ(race.stacks[end].at(0).line, 23);
    }
    EXPECT_THAT(race.labels[0], HasSubstr("of 4 bytes by thread T2 (mutexes: write M"));
    EXPECT_THAT(race.labels[1], HasSubstr("previous write of 4 bytes by thread T1"));
    EXPECT_THAT(race.message, HasSubstr("data race on global '"));
    EXPECT_THAT(race.message, HasSubstr("counter' of 4 bytes: "));
    EXPECT_THAT(race.message, HasSubstr("at kinds.cpp:23"));
    EXPECT_THAT(race.labels, Contains("thread T1 created by main thread"));
    EXPECT_THAT(race.message, Not(HasSubstr("0x")));
  }
}

TEST(SanitizerReport, gets_the_same_from_the_plain_and_the_separated_form) {
  for (const std::string compiler : {"gcc", "clang"}) {
    const SanitizerLog plain = read_log(compiler + ".log");
    const SanitizerLog separated = read_log(compiler + ".separated.log");
    ASSERT_EQ(rules(plain), rules(separated)) << compiler;
    for (std::size_t i = 0; i < plain.findings.size(); ++i) {
      SCOPED_TRACE(plain.findings[i].message);
      EXPECT_EQ(plain.findings[i].stacks, separated.findings[i].stacks);
      EXPECT_EQ(plain.findings[i].labels, separated.findings[i].labels);
      EXPECT_EQ(plain.findings[i].fingerprint, separated.findings[i].fingerprint);
    }
  }
}

TEST(SanitizerReport, gives_one_race_one_fingerprint_under_both_compilers) {
  const SanitizerLog gcc = read_log("gcc.log");
  const SanitizerLog clang = read_log("clang.log");
  for (const char* rule :
       {"tsan.lock-order-inversion", "tsan.heap-use-after-free", "tsan.mutex-bad-unlock",
        "tsan.locked-mutex-destroy", "tsan.thread-leak"}) {
    EXPECT_EQ(fingerprints(gcc, rule), fingerprints(clang, rule)) << rule;
  }
  // clang says counter, g++ says (anonymous namespace)::counter: the first race is still one.
  EXPECT_EQ(fingerprints(gcc, "tsan.data-race"), fingerprints(clang, "tsan.data-race"));
}

TEST(SanitizerReport, keeps_a_fingerprint_when_lines_move_and_changes_it_when_they_change) {
  const auto fingerprint = [](const std::string& source, int line) {
    const ScratchFolder folder = ScratchFolder::make().value();
    EXPECT_TRUE(write_file(folder.path() / "a.cpp", source));
    const std::string place = " a.cpp:" + std::to_string(line) + " (a+0x1)\n";
    return read_sanitizer_log(
               "WARNING: ThreadSanitizer: data race (pid=1)\n"
               "  Write of size 4 at 0x1 by thread T1:\n    #0 f" +
                   place + "\n  Previous read of size 4 at 0x1 by thread T2:\n    #0 g" + place +
                   "\nSUMMARY: ThreadSanitizer: data race\n",
               folder.path())
        .findings.at(0)
        .fingerprint;
  };
  EXPECT_EQ(fingerprint("n += 1;\n", 1), fingerprint("// more\n\n  n += 1;\n", 3));
  EXPECT_NE(fingerprint("n += 1;\n", 1), fingerprint("n += 2;\n", 1));
  EXPECT_NE(fingerprint("n += 1;\nn += 1;\n", 1), fingerprint("n += 1;\nn += 1;\n", 2));
}

TEST(SanitizerReport, reads_both_sides_of_a_lock_order_inversion) {
  const SanitizerLog log = read_log("gcc.log");
  const Finding& cycle = first(log, "tsan.lock-order-inversion");
  EXPECT_THAT(cycle.message, HasSubstr("at kinds.cpp:"));
  const auto acquired = std::ranges::count_if(cycle.labels, [](const std::string& label) {
    return label.find("acquired here while holding") != label.npos;
  });
  EXPECT_EQ(acquired, 2);
}

TEST(SanitizerReport, reads_go) {
  const SanitizerLog log = read_log("go.log");
  ASSERT_THAT(rules(log), ElementsAre("go.data-race", "go.data-race"));
  const Finding& race = log.findings[0];
  EXPECT_THAT(race.labels, ElementsAre("read by goroutine 8", "previous write by goroutine 7",
                                       "goroutine 8 created", "goroutine 7 created"));
  EXPECT_EQ(race.stacks[0].at(0), (Frame{"main.bump()", "/home/me/counter/main.go", 12}));
  EXPECT_EQ(race.stacks[0].at(1).line, 20);
  EXPECT_EQ(log.cut_off, 0);
}

TEST(SanitizerReport, folds_equal_reports_and_counts_them) {
  const std::string text = log_text("gcc.log");
  const SanitizerLog once = read_sanitizer_log(text, logs);
  const SanitizerLog twice = read_sanitizer_log(text + text, logs);
  ASSERT_EQ(rules(once), rules(twice));
  for (std::size_t i = 0; i < once.findings.size(); ++i) {
    EXPECT_EQ(twice.findings[i].count, 2 * once.findings[i].count);
  }
}

TEST(SanitizerReport, reads_through_what_a_test_driver_writes_before_each_line) {
  std::string prefixed;
  std::string line;
  for (const char c : log_text("clang.log")) {
    line += c;
    if (c == '\n') prefixed += "17: " + std::exchange(line, "");
  }
  EXPECT_EQ(read_sanitizer_log(prefixed, logs).findings, read_log("clang.log").findings);
}

TEST(SanitizerReport, saves_what_it_can_of_a_truncated_log) {
  const std::string text = log_text("gcc.log");
  const auto cut = text.find("Previous write") + 60;
  const SanitizerLog log = read_sanitizer_log(text.substr(0, cut), logs);
  EXPECT_EQ(log.cut_off, 1);
  ASSERT_THAT(rules(log), ElementsAre("tsan.data-race"));
  EXPECT_EQ(log.findings[0].stacks.at(0).at(0).file, "kinds.cpp");
}

TEST(SanitizerReport, never_calls_a_dead_runtime_clean) {
  constexpr std::array deaths{
      "FATAL: ThreadSanitizer: unexpected memory mapping 0x5f0b2a9f0000-0x5f0b2aa17000",
      "ThreadSanitizer: CHECK failed: tsan_rtl.cpp:452 \"((0)) != (0)\" (0x0, 0x0)",
      "FATAL: ThreadSanitizer CHECK failed: ../../tsan_platform_linux.cpp:285",
      "ThreadSanitizer: Thread limit (8128 threads) exceeded. Dying.",
      "ThreadSanitizer: starting new threads after multi-threaded fork is not supported. Dying "
      "(set die_after_fork=0 to override)",
      "==99==ERROR: ThreadSanitizer failed to allocate 0x1000 (4096) bytes of stack depot"};
  for (const char* death : deaths) {
    const SanitizerLog log = read_sanitizer_log(std::string("hello\n") + death + "\nbye\n");
    ASSERT_TRUE(log.broken) << death;
    EXPECT_EQ(*log.broken, death);
  }
  EXPECT_FALSE(read_log("gcc.log").broken);
  EXPECT_FALSE(read_sanitizer_log("Dying is easy\nthe test failed to start\n").broken);
}

TEST(SanitizerReport, reports_a_crash_with_its_stack) {
  const SanitizerLog log = read_sanitizer_log(
      "ThreadSanitizer:DEADLYSIGNAL\n"
      "==7==ERROR: ThreadSanitizer: SEGV on unknown address 0x000000000000 (pc 0x55 bp 0x7f T7)\n"
      "==7==The signal is caused by a WRITE memory access.\n"
      "    #0 0x55d0 in poke(int*) a.cpp:3 (a.out+0x12)\n"
      "    #1 main a.cpp:9 (a.out+0x34)\n"
      "ThreadSanitizer can not provide additional info.\n"
      "SUMMARY: ThreadSanitizer: SEGV a.cpp:3 in poke(int*)\n==7==ABORTING\n");
  ASSERT_THAT(rules(log), ElementsAre("tsan.segv"));
  EXPECT_THAT(log.findings[0].stacks.at(0),
              ElementsAre(Frame{"poke(int*)", "a.cpp", 3}, Frame{"main", "a.cpp", 9}));
}

TEST(SanitizerReport, finds_nothing_in_clean_text_and_survives_garbage) {
  EXPECT_THAT(read_sanitizer_log("").findings, IsEmpty());
  EXPECT_THAT(read_sanitizer_log("listening on 127.0.0.1:80\nThreadSanitizer is nice\n").findings,
              IsEmpty());
  std::mt19937 random(20261123);
  const std::string text = log_text("clang.log") + log_text("gcc.separated.log");
  for (int round = 0; round < 300; ++round) {
    std::string broken = text.substr(random() % text.size(), random() % 4000);
    for (int change = 0; change < 20 && !broken.empty(); ++change) {
      broken[random() % broken.size()] = static_cast<char>(random());
    }
    for (const Finding& finding : read_sanitizer_log(broken, logs).findings) {
      EXPECT_THAT(finding.fingerprint, SizeIs(16));
      EXPECT_EQ(finding.labels.size(), finding.stacks.size());
    }
  }
}

TEST(SanitizerLines, parse_a_frame_of_either_compiler) {
  EXPECT_EQ(parse_frame("    #0 bump(int) /src/a b.cpp:7:35 (a.out+0xd4) (BuildId: 6b)"),
            (Frame{"bump(int)", "/src/a b.cpp", 7}));
  EXPECT_EQ(parse_frame("    #11 operator() src/a.cpp:10 (a.out+0x27)"),
            (Frame{"operator()", "src/a.cpp", 10}));
  EXPECT_EQ(parse_frame("    #7 <null> <null> (libstdc++.so.6+0xd44a2)"), (Frame{"", "", 0}));
  EXPECT_EQ(parse_frame("    #0 pthread_create <null> (a+0x5)"), (Frame{"pthread_create", "", 0}));
  EXPECT_EQ(parse_frame("    #2 f<A const&, B> /usr/bin/../lib/x.h:61:14 (a+0x1)"),
            (Frame{"f<A const&, B>", "/usr/lib/x.h", 61}));
  EXPECT_EQ(parse_frame("    \x1f"
                        "0\x1f"
                        "0x55\x1f"
                        "f(int, char)\x1f/a|b c.cpp\x1f"
                        "7\x1f"
                        "3\x1f/m\x1f"
                        "0x2"),
            (Frame{"f(int, char)", "/a|b c.cpp", 7}));
  EXPECT_EQ(parse_frame("  Write of size 4 at 0x1 by main thread:"), std::nullopt);
  EXPECT_EQ(parse_frame("# 0 not a frame"), std::nullopt);
}

}  // namespace
}  // namespace contend
