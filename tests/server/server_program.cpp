#include "server_program.hpp"

#include <algorithm>
#include <charconv>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "running_server.hpp"

namespace contend::test {
namespace {

using namespace std::chrono_literals;

std::string text_of(const std::filesystem::path& path) {
  const Expected<std::string> text = read_file(path);
  return text ? *text : "";
}

Command command(const std::string& program, const std::vector<std::string>& arguments,
                const std::filesystem::path& folder) {
  const Expected<std::filesystem::path> path = find_program(program);
  EXPECT_TRUE(path) << path.error().message;
  Command command;
  command.argv = {path ? path->string() : program};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.stdout_to = folder / "stdout";
  command.stderr_to = folder / "stderr";
  return command;
}

}  // namespace

ServerProgram::ServerProgram(std::vector<std::string> arguments, const std::string& program,
                             std::vector<std::pair<std::string, std::string>> env,
                             std::vector<std::string> under)
    : folder_(ScratchFolder::make().value()) {
  const bool has_port = std::ranges::find(arguments, "--port") != arguments.end();
  for (const char* word : {"--port", "0"}) {
    if (!has_port) arguments.emplace_back(word);
  }
  arguments.insert(arguments.end(), {"--stats", folder_.path() / "stats.json"});
  Command start = command(program, arguments, folder_.path());
  start.env = std::move(env);
  start.argv.insert(start.argv.begin(), under.begin(), under.end());
  Expected<Child> child = Child::start(start);
  EXPECT_TRUE(child) << child.error().message;
  child_.emplace(std::move(*child));
  EXPECT_TRUE(becomes_true([&] {
    return output().find('\n') != std::string::npos ||
           child_->wait_until(std::chrono::steady_clock::now());
  }));
  const std::string line = output();
  const std::size_t colon = line.rfind(':');
  if (colon == std::string::npos) return;
  std::from_chars(line.data() + colon + 1, line.data() + line.size(), port_);
}

Exit ServerProgram::wait() {
  const auto exit = child_->wait_until(std::chrono::steady_clock::now() + 60s);
  EXPECT_TRUE(exit) << "the server hung";
  return exit.value_or(Exit{});
}

Exit ServerProgram::stop() {
  signal(SIGTERM);
  return wait();
}

std::string ServerProgram::output() const {
  return text_of(folder_.path() / "stdout");
}

std::string ServerProgram::complaint() const {
  return text_of(folder_.path() / "stderr");
}

boost::json::value ServerProgram::stats() const {
  return boost::json::parse(text_of(folder_.path() / "stats.json"));
}

boost::json::value ServerProgram::stats_now() const {
  std::filesystem::remove(folder_.path() / "stats.json");
  signal(SIGUSR1);
  EXPECT_TRUE(becomes_true([&] { return exists(folder_.path() / "stats.json"); }));
  return stats();
}

std::ptrdiff_t ServerProgram::open_descriptors() const {
  const std::string folder = "/proc/" + std::to_string(child_->pid()) + "/fd";
  return std::distance(std::filesystem::directory_iterator(folder),
                       std::filesystem::directory_iterator());
}

std::vector<std::string> limited(const std::string& resource, int limit) {
  return {"sh", "-c", "ulimit -" + resource + " " + std::to_string(limit) + "; exec \"$@\"", "sh"};
}

Exit run_server(const std::vector<std::string>& arguments, const ScratchFolder& folder) {
  const Expected<Exit> exit = run(command("echo-server", arguments, folder.path()), 60s);
  EXPECT_TRUE(exit) << exit.error().message;
  return exit ? *exit : Exit{};
}

}  // namespace contend::test
