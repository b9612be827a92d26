// Runs the real programs of this build, and servers that we did not write, the way a user would.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "core/process.hpp"
#include "core/report.hpp"

namespace contend::testing {

/// What one run of a program left behind.
struct Ran {
  Exit exit;
  std::string out;
  std::string err;
  std::optional<Report> report;  ///< of --json, when the program wrote one that loads

  /// For a failed assertion: everything that was said.
  std::string said() const;
};

/// Runs one of our programs, `words[0]` by name or by its whole path, to its end; `%json` in a word
/// becomes the path of a fresh file, from which `report` is read. Aborts the test program when it
/// cannot even be started.
Ran run_program(std::vector<std::string> words,
                std::chrono::seconds budget = std::chrono::seconds(120));

/// As run_program(), but sends SIGINT when it has run for `after`.
Ran interrupt_program(std::vector<std::string> words, std::chrono::milliseconds after);

/// The quoted path of a script in tests/support/strangers, with its interpreter: "python3 …/NAME".
std::string stranger(const std::string& name);

/// Whether `program` is on PATH: a test that needs it skips visibly when it is not.
bool is_installed(const std::string& program);

/// A server of any kind on a free loopback port: `{port}` in the command is replaced.
class Server {
 public:
  explicit Server(const std::string& command_with_port);

  std::uint16_t port() const { return port_; }
  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }
  Child& child() { return *child_; }

 private:
  std::uint16_t port_;
  std::optional<Child> child_;
};

/// A loopback TCP port that nobody listens on just now.
std::uint16_t free_port();

/// The value of a metric of the report's first case. Fails the test if it is not there.
double metric(const Ran& ran, const std::string& name);

/// The sum of all metrics of the first case whose name starts with `prefix`.
double sum_of(const Ran& ran, const std::string& prefix);

}  // namespace contend::testing
