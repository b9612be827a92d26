// The program itself, copied into a folder where fakes stand in for its siblings.
#include <chrono>
#include <csignal>
#include <thread>

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/process.hpp"
#include "core/report_json.hpp"

#include "tests/ci/sample_reports.hpp"

namespace contend::ci {
namespace {

using namespace std::chrono_literals;
using std::filesystem::path;

class Contend : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(bin());
    std::filesystem::copy_file(CONTEND_PROGRAM, bin() / "contend");
    ASSERT_TRUE(save(passing_report(), folder_.path() / "passing.json"));
    ASSERT_TRUE(save(mixed_report(), folder_.path() / "mixed.json"));
    fake("echo-server",
         "echo 'sequential  one client at a time, the others starve'\n"
         "echo 'coroutine   many clients, nobody'\"'\"'s lock'\n"
         "echo; echo 'corrupt  a fault, not a model'\n");
    fake("loadgen", leave("passing.json"));
    fake("races", leave("passing.json"));
  }

  path bin() const { return folder_.path() / "bin"; }
  path out() const { return folder_.path() / "out"; }

  /// A script that leaves a ready report where --json says.
  std::string leave(const std::string& report) const {
    return "while [ \"$1\" != --json ]; do printf '%s\\n' \"$1\"; shift; done\ncp " +
           (folder_.path() / report).string() + " \"$2\"\n";
  }

  void fake(const std::string& name, const std::string& script) {
    ASSERT_TRUE(write_file(bin() / name, "#!/bin/sh\n" + script));
    std::filesystem::permissions(bin() / name, std::filesystem::perms::owner_all);
  }

  Command command(std::vector<std::string> words) const {
    words.insert(words.begin(), bin() / "contend");
    return {.argv = std::move(words),
            .stdout_to = folder_.path() / "stdout",
            .stderr_to = folder_.path() / "stderr",
            .folder = folder_.path()};
  }

  /// Returns the exit code, or -1 if there was none.
  int run_contend(std::vector<std::string> words) const {
    const auto exit = run(command(std::move(words)), 100s);
    return exit ? exit->code.value_or(-1) : -1;
  }

  std::string said(const char* stream) const { return read_file(folder_.path() / stream).value(); }

  ScratchFolder folder_ = *ScratchFolder::make();
};

const Case* find_case(const Report& report, const std::string& id) {
  for (const Case& each : report.cases) {
    if (each.id == id) return &each;
  }
  return nullptr;
}

TEST_F(Contend, run_without_a_file_runs_every_model_and_the_experiment) {
  ASSERT_EQ(run_contend({"run", "-o", "out"}), 0) << said("stderr");
  for (const char* face : {"report.json", "junit.xml", "report.md"}) {
    EXPECT_TRUE(std::filesystem::exists(out() / face)) << face;
  }
  const auto report = load_report(out() / "report.json");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->tool, "contend");
  EXPECT_EQ(report->cases.size(), 6U);
  const std::string log = *read_file(out() / "steps/load-coroutine.log");
  EXPECT_NE(log.find("-c\n100\n-n\n10000\n"), std::string::npos) << log;
  EXPECT_NE(log.find("--model coroutine --port {port}\n"), std::string::npos) << log;
  EXPECT_TRUE(std::filesystem::exists(out() / "steps/load-sequential.log"));
  EXPECT_NE(read_file(out() / "steps/lost-update.log")->find("native,tsan\n"), std::string::npos);
  EXPECT_TRUE(said("stdout").ends_with("\nout/report.json\n")) << said("stdout");
  EXPECT_EQ(said("stderr"), "");
}

TEST_F(Contend, a_model_that_this_machine_lacks_is_skipped_with_the_servers_reason) {
  const std::string listing = "case \"$1\" in --list) echo 'coroutine  a'; echo 'uring  b';; ";
  fake("echo-server", listing + "*) echo 'no io_uring here' >&2; exit 3;; esac\n");
  EXPECT_EQ(run_contend({"run", "-o", "out"}), 0) << said("stdout");
  auto report = load_report(out() / "report.json");
  ASSERT_TRUE(report);
  const Case* skipped = find_case(*report, "loadgen/uring/c100");
  ASSERT_NE(skipped, nullptr) << said("stdout");
  EXPECT_EQ(skipped->verdict, Verdict::skipped);
  EXPECT_EQ(skipped->reason, "no io_uring here");
  EXPECT_FALSE(std::filesystem::exists(out() / "steps/load-uring.log"));

  fake("echo-server", listing + "*) echo 'listening on 127.0.0.1:1'; exec sleep 60;; esac\n");
  EXPECT_EQ(run_contend({"run", "-o", "out"}), 0) << said("stdout");
  EXPECT_TRUE(std::filesystem::exists(out() / "steps/load-uring.log"));
}

TEST_F(Contend, run_counts_with_threads_where_the_server_has_them) {
  fake("echo-server", "echo 'thread  a thread each'\n");
  fake("echo-server-tsan", "true\n");
  fake("loadgen",
       "case \"$*\" in *'counter plain'*) c=1;; *) c=0;; esac\n"
       "echo \"TSAN_OPTIONS=$TSAN_OPTIONS\"\n"
       "s=$(echo \"$*\" | sed -n 's/.*--stats \\([^ ]*\\).*/\\1/p')\n"
       "[ -z \"$s\" ] || echo '{\"counter\": {\"lost_bytes\": '$c'}}' > \"$s\"\n" +
           leave("passing.json"));
  EXPECT_EQ(run_contend({"run", "-o", "out"}), 0) << said("stdout");
  const auto log = read_file(out() / "steps/counter-plain.log");
  ASSERT_TRUE(log);
  EXPECT_NE(log->find("TSAN_OPTIONS=io_sync=0\n"), std::string::npos) << *log;
  EXPECT_NE(said("stdout").find("the expected defect was seen"), std::string::npos)
      << said("stdout");
}

TEST_F(Contend, a_crashing_a_failing_and_a_missing_step_do_not_stop_the_report) {
  fake("loadgen", "case \"$*\" in *sequential*) kill -SEGV $$;; esac\n" + leave("passing.json"));
  std::filesystem::remove(bin() / "races");
  EXPECT_EQ(run_contend({"run", "-o", "out"}), 3);
  const auto report = load_report(out() / "report.json");
  ASSERT_TRUE(report);
  const Case* crashed = find_case(*report, "contend/load-sequential");
  const Case* missing = find_case(*report, "contend/lost-update");
  ASSERT_TRUE(crashed && missing);
  EXPECT_EQ(crashed->verdict, Verdict::errored);
  EXPECT_NE(missing->reason.find("races is not installed"), std::string::npos);
  EXPECT_NE(find_case(*report, "loadgen/coroutine/c100"), nullptr);
}

constexpr const char* small_pipeline =
    "limits = ['loadgen/*:p99<=5ms']\nknown = 'known'\n"
    "[[server]]\nname = 'mine'\ncommand = 'my-server --port {port}'\n"
    "[[server]]\nname = 'there'\naddress = '127.0.0.1:8080'\n"
    "[[load]]\nname = 'c7'\noptions = '-c 7'\n"
    "[[load]]\nname = 'c9'\nserver = 'mine'\noptions = '-c 9'\n"
    "[[experiment]]\nname = 'lost_update'\n"
    "[[suite]]\nname = 'unit'\ncommand = 'sh -c \"pwd; exit 0\"'\n";

TEST_F(Contend, run_with_a_file_runs_what_it_says_in_its_folder) {
  const path home = folder_.path() / "home";
  std::filesystem::create_directory(home);
  ASSERT_TRUE(write_file(home / "contend.toml", small_pipeline));
  ASSERT_TRUE(write_file(home / "known", "aa  looked at\n"));
  ASSERT_EQ(run_contend({"run", "home/contend.toml", "-o", "out"}), 0)
      << said("stdout") << said("stderr");
  const auto log = [&](const char* name) { return read_file(out() / "steps" / name).value(); };
  EXPECT_NE(
      log("load-mine-c9.log").find("-c\n9\n--name\nmine-c9\n--spawn\nmy-server --port {port}\n"),
      std::string::npos);
  EXPECT_NE(log("load-there-c7.log").find("\n127.0.0.1:8080\n"), std::string::npos);
  EXPECT_EQ(log("suite-unit.log"), home.string() + "\n");
  EXPECT_FALSE(std::filesystem::exists(out() / "steps/load-there-c9.log"));
  const auto report = load_report(out() / "report.json");
  ASSERT_TRUE(report);
  EXPECT_NE(find_case(*report, "gate/limit/loadgen/*:intended_p99_ns<=5 ms"), nullptr);
}

TEST_F(Contend, a_limit_of_the_file_decides_the_exit_code) {
  ASSERT_TRUE(write_file(folder_.path() / "contend.toml",
                         "limits = ['p99<=1ms']\n[[experiment]]\nname = 'a'\n"));
  EXPECT_EQ(run_contend({"run", "contend.toml", "-o", "out"}), 1) << said("stdout");
}

TEST_F(Contend, dry_run_prints_the_steps_and_runs_none) {
  EXPECT_EQ(run_contend({"run", "--dry-run", "-o", "out"}), 0);
  EXPECT_NE(said("stdout").find("--model coroutine"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(out() / "report.json"));
}

TEST_F(Contend, says_of_a_path_that_leads_nowhere_what_is_wrong_with_it) {
  std::filesystem::create_symlink("itself", folder_.path() / "itself");
  const std::string name(5000, 'x');
  for (const std::string& bad : {std::string("itself"), name}) {
    const std::string why = bad == "itself" ? "symbolic links" : "too long";
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"merge", bad, "-o", "all.json"},
          {"merge", "passing.json", "passing.json", "-o", bad},
          {"report", "--to", "summary", bad},
          {"gate", bad},
          {"compare", "passing.json", bad},
          {"run", bad},
          {"run", "-o", bad},
          {"init", "-o", bad}}) {
      EXPECT_EQ(run_contend(words), 3) << words.front() << " " << why;
      EXPECT_NE(said("stderr").find(why), std::string::npos) << words.front() << said("stderr");
    }
  }
}

TEST_F(Contend, report_leaves_what_stands_in_the_file_that_it_appends_to) {
  ASSERT_TRUE(write_file(folder_.path() / "sum.md", "earlier\n"));
  const Command appending{
      .argv = {"/bin/sh", "-c", "bin/contend report --to summary passing.json >> sum.md"},
      .stdout_to = folder_.path() / "stdout",
      .stderr_to = folder_.path() / "stderr",
      .folder = folder_.path()};
  const auto exit = run(appending, 100s);
  ASSERT_TRUE(exit && exit->ok()) << said("stderr");
  EXPECT_TRUE(said("sum.md").starts_with("earlier\n")) << said("sum.md");
  EXPECT_NE(said("sum.md").find("loadgen/coroutine/c100"), std::string::npos);
}

TEST_F(Contend, init_writes_a_file_that_runs_and_never_overwrites_one) {
  ASSERT_EQ(run_contend({"init"}), 0);
  EXPECT_EQ(run_contend({"run", "contend.toml", "-o", "out"}), 0) << said("stdout");
  EXPECT_EQ(run_contend({"init"}), 3);
  EXPECT_NE(said("stderr").find("contend.toml exists"), std::string::npos);
}

TEST_F(Contend, compare_runs_two_pipelines_in_turns) {
  ASSERT_TRUE(write_file(folder_.path() / "a.toml", "[[experiment]]\nname = 'a'\n"));
  fake("races",
       "date +%s%N >> " + (folder_.path() / "order").string() + "\n" + leave("passing.json"));
  EXPECT_EQ(run_contend({"compare", "a.toml", "a.toml", "--runs", "4"}), 0) << said("stdout");
  EXPECT_EQ(std::ranges::count(*read_file(folder_.path() / "order"), '\n'), 8);
  for (const char* run : {"base-1", "new-4"}) {
    EXPECT_TRUE(load_report(folder_.path() / "contend-compare" / run / "report.json")) << run;
  }
}

TEST_F(Contend, an_interrupt_writes_the_report_and_exits_130) {
  fake("races", "echo begun > " + (folder_.path() / "begun").string() + "\nexec sleep 1000\n");
  auto child = Child::start(command({"run", "-o", "out"}));
  ASSERT_TRUE(child);
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (!std::filesystem::exists(folder_.path() / "begun") &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(5ms);
  }
  child->signal(SIGINT);
  const auto exit = child->wait_until(std::chrono::steady_clock::now() + 60s);
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 130);
  const auto report = load_report(out() / "report.json");
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->interrupted);
  EXPECT_NE(find_case(*report, "loadgen/coroutine/c100"), nullptr);
  EXPECT_TRUE(std::filesystem::exists(out() / "junit.xml"));
}

TEST_F(Contend, merge_joins_and_report_renders) {
  ASSERT_EQ(run_contend({"merge", "passing.json", "mixed.json", "-o", "both.json"}), 0);
  const auto both = load_report(folder_.path() / "both.json");
  ASSERT_TRUE(both);
  EXPECT_EQ(both->cases.size(), 7U);
  for (const char* format : {"junit", "markdown", "json"}) {
    EXPECT_EQ(run_contend({"report", "--to", format, "both.json", "-o", format}), 0);
    EXPECT_GT(std::filesystem::file_size(folder_.path() / format), 100U);
  }
  EXPECT_EQ(run_contend({"report", "--to", "markdown", "passing.json", "-o", "/dev/stdout"}), 0);
  EXPECT_TRUE(said("stdout").starts_with("### Contend: PASSED"));
}

TEST_F(Contend, compare_and_gate_exit_by_what_they_find) {
  ASSERT_EQ(run_contend({"merge", "passing.json", "passing.json", "passing.json", "passing.json",
                         "-o", "runs.json"}),
            0);
  EXPECT_EQ(run_contend({"compare", "runs.json", "runs.json", "-o", "changes.json"}), 0);
  EXPECT_NE(said("stdout").find("metrics with one value in every run"), std::string::npos)
      << said("stdout");
  EXPECT_TRUE(load_report(folder_.path() / "changes.json"));
  EXPECT_EQ(run_contend({"compare", "passing.json", "passing.json"}), 2) << "one run shows nothing";
  EXPECT_EQ(run_contend({"gate", "--limit", "p99<=5ms", "passing.json"}), 0) << said("stderr");
  EXPECT_EQ(run_contend({"gate", "--limit", "p99<=1ms", "--limit", "errors<=0", "passing.json"}),
            1);
  EXPECT_NE(said("stdout").find("intended_p99_ns of loadgen/coroutine/c100 is 4.21 ms"),
            std::string::npos);
  EXPECT_EQ(run_contend({"gate", "--limit", "p99<=apples", "passing.json"}), 64);
  EXPECT_NE(said("stderr").find("apples"), std::string::npos);
  EXPECT_EQ(run_contend({"gate", "--known", "none", "passing.json"}), 3);
}

TEST_F(Contend, bad_input_gets_one_sentence_that_names_it) {
  const auto sentence = [&](std::vector<std::string> words, int code) {
    EXPECT_EQ(run_contend(std::move(words)), code);
    const std::string text = said("stderr");
    EXPECT_EQ(std::ranges::count(text, '\n'), 1) << text;
    return text;
  };
  EXPECT_NE(sentence({"report", "--to", "pdf", "passing.json", "-o", "x"}, 64).find("pdf"),
            std::string::npos);
  EXPECT_NE(sentence({"report", "--to", "junit", "none.json", "-o", "x"}, 3).find("none.json"),
            std::string::npos);
  EXPECT_NE(sentence({"merge", "passing.json", "-o", "no/such/folder"}, 3).find("no/such/folder"),
            std::string::npos);
  EXPECT_NE(sentence({"run", "-o", "passing.json"}, 3).find("passing.json"), std::string::npos);
  EXPECT_NE(sentence({"run", "--frobnicate"}, 64).find("--frobnicate"), std::string::npos);
  EXPECT_NE(sentence({"frobnicate"}, 64).find("frobnicate"), std::string::npos);
  sentence({}, 64);
}

TEST_F(Contend, a_full_disk_is_a_sentence_and_exit_3) {
  EXPECT_EQ(run_contend({"merge", "passing.json", "-o", "/dev/full"}), 3);
  EXPECT_NE(said("stderr").find("/dev/full"), std::string::npos);
  for (const char* words : {"gate passing.json -o judged.json", "compare passing.json passing.json",
                            "run --dry-run", "run -o out"}) {
    const auto exit = run({.argv = {"/bin/sh", "-c", std::string("bin/contend ") + words},
                           .stdout_to = "/dev/full",
                           .stderr_to = folder_.path() / "stderr",
                           .folder = folder_.path()},
                          100s);
    EXPECT_TRUE(exit && exit->code == 3) << words;
    EXPECT_TRUE(
        said("stderr").ends_with("contend: writing to standard output: No space left on device\n"))
        << words << said("stderr");
  }
  EXPECT_TRUE(load_report(folder_.path() / "judged.json")) << "it is written all the same";
}

}  // namespace
}  // namespace contend::ci
