#include "loadgen/server_under_test.hpp"

#include <csignal>
#include <cstdlib>

#include <fmt/format.h>

#include "core/interrupt.hpp"
#include "core/printable.hpp"

#include "loadgen/port.hpp"

namespace contend::loadgen {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr const char* output_name = "output";
constexpr const char* sanitizer_name = "sanitizer";
constexpr auto stop_grace = 5s;
// Sanitizer runtimes of some compilers die now and then of address randomisation.
constexpr const char* mapping_message = "unexpected memory mapping";
constexpr int attempts = 5;

bool listens(const Target& target) {
  if (target.kind == Target::Kind::udp) return is_bound(target.port);
  return target.kind == Target::Kind::unix_stream ? is_listening(std::filesystem::path(target.host))
                                                  : is_listening(target.port);
}

std::string sanitizer_environment(const std::filesystem::path& folder) {
  const char* before = std::getenv("TSAN_OPTIONS");
  const std::string ours = tsan_options((folder / sanitizer_name).string());
  if (before == nullptr || *before == '\0') return ours;
  return std::string(before) + " " + ours;
}

std::string read_or_nothing(const std::filesystem::path& path) {
  const Expected<std::string> text = read_file(path);
  return text ? *text : std::string();
}

/// The last line, where a program that dies says why.
std::string tail(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (const auto line = text.rfind('\n'); line != std::string::npos) text.erase(0, line + 1);
  return printable(text, 300);
}

Error not_ready(const std::string& command, const std::string& why, const std::string& words) {
  return world_error(
      fmt::format("--spawn: {} {}{}", command, why, words.empty() ? "" : "; it said: " + words));
}

}  // namespace

Expected<ServerUnderTest> ServerUnderTest::start(const std::vector<std::string>& command,
                                                 const Target& target,
                                                 std::chrono::milliseconds patience) {
  if (listens(target)) {
    return world_error(fmt::format("--spawn: somebody listens on {} already", to_string(target)));
  }
  const auto deadline = Clock::now() + patience;
  for (int attempt = 1;; ++attempt) {
    Expected<ScratchFolder> folder = ScratchFolder::make();
    if (!folder) return folder.error();
    const std::filesystem::path output = folder->path() / output_name;
    Expected<Child> child =
        Child::start({.argv = command,
                      .env = {{"TSAN_OPTIONS", sanitizer_environment(folder->path())}},
                      .stdout_to = output,
                      .stderr_to = output});
    if (!child) return child.error();
    ServerUnderTest server(std::move(*folder), std::move(*child), stats_place(command));
    std::optional<Exit> ended;
    while (!ended && !listens(target)) {
      if (interrupted()) return world_error("--spawn: interrupted before the server was ready");
      if (Clock::now() >= deadline) {
        const std::string why =
            fmt::format("was not listening on {} within {} s", to_string(target),
                        static_cast<double>(patience.count()) / 1e3);
        return not_ready(command[0], why, tail(server.output()));
      }
      ended = server.child_.wait_until(Clock::now() + 5ms);
    }
    if (!ended) return server;
    const std::string words = server.output();
    if (words.find(mapping_message) != std::string::npos && attempt < attempts) continue;
    return not_ready(command[0], describe(*ended) + " before it listened", tail(words));
  }
}

std::string ServerUnderTest::output() const {
  return read_or_nothing(folder_.path() / output_name);
}

ServerEnd ServerUnderTest::stop() {
  ServerEnd end;
  const std::optional<Exit> already = child_.wait_until(Clock::now());
  end.died = already.has_value();
  end.exit = already ? *already : child_.stop(stop_grace);
  end.forced = !end.died && end.exit.signal == SIGKILL;
  end.last_words = tail(output());
  end.counts = stats_place_.has_value();
  if (end.counts) {
    end.stats =
        parse_server_stats(*stats_place_ == "-" ? output() : read_or_nothing(*stats_place_));
  }
  std::string reports;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    if (!entry.path().filename().string().starts_with(sanitizer_name)) continue;
    reports += read_or_nothing(entry.path());
  }
  // Runtimes that know no log file, and those that die at the start, print.
  end.sanitizer = read_sanitizer_log(reports.empty() ? output() : reports);
  return end;
}

}  // namespace contend::loadgen
