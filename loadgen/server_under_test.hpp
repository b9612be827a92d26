// The server of --spawn: started, waited for, stopped, and asked how it fared.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "core/process.hpp"
#include "core/sanitizer_report.hpp"

#include "loadgen/address.hpp"
#include "loadgen/server_stats.hpp"

namespace contend::loadgen {

/// How it ended, and what it left behind.
struct ServerEnd {
  Exit exit;
  bool died = false;    ///< before we asked it to stop
  bool forced = false;  ///< it did not stop when asked
  SanitizerLog sanitizer;
  std::string last_words;  ///< the end of what it printed
  bool counts = false;     ///< it was told to say what it counted
  std::optional<ServerStats> stats{};
};

/// Threads: the one that started it, since the child dies with that thread.
class ServerUnderTest {
 public:
  /// Starts `command` and waits until `target` is listened on. Errors: no such program, it ended
  /// first, not ready within `patience`, interrupted.
  static Expected<ServerUnderTest> start(const std::vector<std::string>& command,
                                         const Target& target, std::chrono::milliseconds patience);

  /// Asks it to stop, waits, and reads its sanitizer reports. Call once.
  ServerEnd stop();

  pid_t pid() const { return child_.pid(); }

 private:
  ServerUnderTest(ScratchFolder folder, Child child, std::optional<std::string> stats_place)
      : folder_(std::move(folder)),
        child_(std::move(child)),
        stats_place_(std::move(stats_place)) {}
  std::string output() const;

  ScratchFolder folder_;
  Child child_;
  std::optional<std::string> stats_place_;
};

}  // namespace contend::loadgen
