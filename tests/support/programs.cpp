#include "tests/support/programs.hpp"

#include <csignal>
#include <sstream>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "core/check.hpp"
#include "core/report_json.hpp"

#include "loadgen/port.hpp"

namespace contend::testing {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

void replace(std::string& text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

/// A command of one of our programs, with its output files in `folder`.
Command prepare(std::vector<std::string> words, const ScratchFolder& folder) {
  if (!std::filesystem::path(words[0]).is_absolute()) {
    const auto program = find_program(words[0]);
    CONTEND_CHECK(program.has_value());
    words[0] = program->string();
  }
  for (std::string& word : words) replace(word, "%json", (folder.path() / "report.json").string());
  return {.argv = std::move(words),
          .env = {{"NO_COLOR", "1"}},
          .stdout_to = folder.path() / "out",
          .stderr_to = folder.path() / "err"};
}

Ran collect(const Exit& exit, const ScratchFolder& folder) {
  Ran ran{exit, *read_file(folder.path() / "out"), *read_file(folder.path() / "err"), std::nullopt};
  if (auto report = load_report(folder.path() / "report.json")) ran.report = *report;
  return ran;
}

}  // namespace

std::string Ran::said() const {
  return describe(exit) + "\n--- stdout\n" + out + "\n--- stderr\n" + err;
}

Ran run_program(std::vector<std::string> words, std::chrono::seconds budget) {
  const ScratchFolder folder = *ScratchFolder::make();
  const auto exit = run(prepare(std::move(words), folder), budget);
  CONTEND_CHECK(exit.has_value());
  return collect(*exit, folder);
}

Ran interrupt_program(std::vector<std::string> words, std::chrono::milliseconds after) {
  const ScratchFolder folder = *ScratchFolder::make();
  auto child = Child::start(prepare(std::move(words), folder));
  CONTEND_CHECK(child.has_value());
  child->wait_until(Clock::now() + after);
  child->signal(SIGINT);
  const auto exit = child->wait_until(Clock::now() + 60s);
  CONTEND_CHECK(exit.has_value());
  return collect(*exit, folder);
}

std::string stranger(const std::string& name) {
  const auto path = std::filesystem::path(CONTEND_SOURCE_DIR) / "tests/support/strangers" / name;
  return quote_words({"python3", path.string()});
}

bool is_installed(const std::string& program) {
  std::istringstream folders(std::getenv("PATH"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((folder + "/" + program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

Server::Server(const std::string& command_with_port) : port_(loadgen::free_port().value()) {
  std::string line = command_with_port;
  replace(line, "{port}", std::to_string(port_));
  Command command{.argv = *split_words(line)};
  if (const auto ours = find_program(command.argv[0])) command.argv[0] = ours->string();
  command.stdout_to = "/dev/null";
  auto child = Child::start(command);
  CONTEND_CHECK(child.has_value());
  child_ = std::move(*child);
  for (const auto end = Clock::now() + 60s; !loadgen::is_listening(port_) && Clock::now() < end;) {
    std::this_thread::sleep_for(10ms);
  }
  CONTEND_CHECK(loadgen::is_listening(port_));
}

std::uint16_t free_port() {
  return loadgen::free_port().value();
}

double metric(const Ran& ran, const std::string& name) {
  if (!ran.report || ran.report->cases.empty()) {
    ADD_FAILURE() << "no report with a case\n" << ran.said();
    return -1;
  }
  const Metric* found = find_metric(ran.report->cases[0], name);
  if (found == nullptr || !found->value) {
    ADD_FAILURE() << "no value for " << name << "\n" << ran.said();
    return -1;
  }
  return *found->value;
}

double sum_of(const Ran& ran, const std::string& prefix) {
  double sum = 0;
  if (!ran.report || ran.report->cases.empty()) return sum;
  for (const Metric& each : ran.report->cases[0].metrics) {
    if (each.name.starts_with(prefix)) sum += each.value.value_or(0);
  }
  return sum;
}

}  // namespace contend::testing
