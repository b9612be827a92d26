#include "core/process.hpp"

#include <fstream>
#include <signal.h>
#include <sys/personality.h>
#include <thread>

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/interrupt.hpp"

namespace contend {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

Command shell(std::string script) {
  return {.argv = {"sh", "-c", std::move(script)}};
}

class ProcessTest : public ::testing::Test {
 protected:
  std::filesystem::path file(const char* name) const { return folder_.path() / name; }
  ScratchFolder folder_ = *ScratchFolder::make();
};

TEST_F(ProcessTest, a_child_gives_its_code_its_output_and_its_environment) {
  Command command = shell("echo $CONTEND_TEST; echo bad >&2; exit 7");
  command.env = {{"CONTEND_TEST", "hello"}};
  command.stdout_to = file("out");
  command.stderr_to = file("err");
  const auto exit = run(command, 60s);
  ASSERT_TRUE(exit) << exit.error().message;
  EXPECT_EQ(exit->code, 7);
  EXPECT_FALSE(exit->ok());
  EXPECT_EQ(*read_file(file("out")), "hello\n");
  EXPECT_EQ(*read_file(file("err")), "bad\n");
}

TEST_F(ProcessTest, a_crash_is_told_by_its_signal) {
  const auto exit = run(shell("kill -SEGV $$"), 60s);
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->signal, SIGSEGV);
  EXPECT_NE(describe(*exit).find("signal 11"), std::string::npos);
}

TEST_F(ProcessTest, a_hang_ends_at_its_deadline_with_all_its_children) {
  Command command = shell("sleep 1000 & echo $! > " + file("pid").string() + "; wait");
  const auto exit = run(command, 300ms);
  ASSERT_TRUE(exit);
  EXPECT_TRUE(exit->timed_out);
  EXPECT_FALSE(exit->ok());
}

TEST_F(ProcessTest, who_ignores_sigterm_is_killed_with_its_group) {
  const std::string pid_file = file("pid").string();
  auto child = Child::start(shell(
      "trap '' TERM; (trap '' TERM; echo $BASHPID > /dev/null; exec sleep 1000) & echo $! > " +
      pid_file + "; while :; do sleep 0.05; done"));
  ASSERT_TRUE(child) << child.error().message;
  std::string text;
  for (const auto end = Clock::now() + 30s; Clock::now() < end && !text.ends_with('\n');) {
    if (const auto read = read_file(pid_file)) text = *read;
    std::this_thread::sleep_for(5ms);
  }
  ASSERT_FALSE(text.empty());
  const Exit exit = child->stop(100ms);
  EXPECT_EQ(exit.signal, SIGKILL);
  const pid_t grandchild = std::stoi(text);
  for (const auto end = Clock::now() + 30s; Clock::now() < end && ::kill(grandchild, 0) == 0;) {
    std::ifstream stat("/proc/" + text.substr(0, text.size() - 1) + "/stat");
    std::string line;
    std::getline(stat, line);
    if (line.find(") Z") != std::string::npos) return;  // dead; nobody has reaped it yet
    std::this_thread::sleep_for(5ms);
  }
  EXPECT_NE(::kill(grandchild, 0), 0);
}

TEST_F(ProcessTest, a_program_that_does_not_exist_is_one_sentence) {
  const auto exit = run({.argv = {"/no/such/program"}}, 1s);
  ASSERT_FALSE(exit);
  EXPECT_EQ(exit.error().message, "starting /no/such/program: No such file or directory");
}

TEST_F(ProcessTest, a_child_has_no_address_randomisation) {
  const int allowed = ::personality(0xffffffff);
  if (allowed < 0 || ::personality(static_cast<unsigned long>(allowed) | ADDR_NO_RANDOMIZE) < 0) {
    GTEST_SKIP() << "this container refuses personality()";
  }
  ::personality(static_cast<unsigned long>(allowed));
  Command command{.argv = {"cat", "/proc/self/personality"}};
  command.stdout_to = file("out");
  ASSERT_TRUE(run(command, 60s));
  EXPECT_EQ(std::stoul(*read_file(file("out")), nullptr, 16) & ADDR_NO_RANDOMIZE,
            ADDR_NO_RANDOMIZE);
}

TEST_F(ProcessTest, a_runtime_that_never_comes_up_is_an_error_with_the_remedy) {
  Command command =
      shell("echo x >> " + file("starts").string() +
            "; echo 'FATAL: ThreadSanitizer: unexpected memory mapping 0x1-0x2' >&2; exit 66");
  command.stderr_to = file("err");
  const auto exit = run_sanitized(command, 60s);
  ASSERT_FALSE(exit);
  EXPECT_NE(exit.error().message.find("vm.mmap_rnd_bits"), std::string::npos);
  EXPECT_EQ(read_file(file("starts"))->size(), 10U) << "five starts of two bytes each";
}

TEST_F(ProcessTest, a_runtime_that_comes_up_late_is_fine) {
  const std::string count = file("starts").string();
  Command command = shell("echo x >> " + count + "; [ $(wc -l < " + count +
                          ") -ge 3 ] || { echo 'unexpected memory mapping' >&2; exit 66; }");
  command.stderr_to = file("err");
  const auto exit = run_sanitized(command, 60s);
  ASSERT_TRUE(exit) << exit.error().message;
  EXPECT_TRUE(exit->ok());
}

TEST(SplitWords, splits_as_a_shell_without_expansion) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(*split_words("a  b\tc"), (Words{"a", "b", "c"}));
  EXPECT_EQ(*split_words(R"(sh -c 'echo "$HOME" *' "" a\ b "q\"q")"),
            (Words{"sh", "-c", "echo \"$HOME\" *", "", "a b", "q\"q"}));
  EXPECT_FALSE(split_words("a 'b"));
  EXPECT_FALSE(split_words("  "));
}

TEST(QuoteWords, gives_back_what_split_words_takes) {
  const std::vector<std::string> words{"plain", "two words", "it's", "", "a\"b", "$x", "p;q"};
  EXPECT_EQ(*split_words(quote_words(words)), words);
}

using InterruptDeathTest = ::testing::Test;

TEST(InterruptDeathTest, the_first_signal_asks_and_the_second_ends) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(
      {
        handle_interrupts();
        ::raise(SIGINT);
        if (!interrupted()) ::_exit(1);
        std::this_thread::sleep_for(one_signal);
        ::raise(SIGTERM);
        ::_exit(2);
      },
      testing::ExitedWithCode(130), "");
}

TEST(InterruptDeathTest, a_signal_that_comes_with_the_first_is_the_first) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(
      {
        handle_interrupts();
        ::raise(SIGTERM);
        ::raise(SIGTERM);
        ::_exit(interrupted() ? 42 : 1);
      },
      testing::ExitedWithCode(42), "");
}

TEST(InterruptDeathTest, an_interrupted_parent_ends_its_child_and_goes_on) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(
      {
        handle_interrupts();
        ::raise(SIGINT);
        const auto exit = run(shell("exec sleep 1000"), 600s);
        ::_exit(exit && exit->interrupted ? 42 : 1);
      },
      testing::ExitedWithCode(42), "");
}

}  // namespace
}  // namespace contend
