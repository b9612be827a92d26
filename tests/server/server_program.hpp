// The real echo-server as a child process of a test.
#pragma once

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "core/file.hpp"
#include "core/process.hpp"

namespace contend::test {

class ServerProgram {
 public:
  /// Starts `echo-server ARGUMENTS`, with --port 0 unless they name one and --stats into a file of
  /// its own, and waits until it listens or has ended. `under`: the words of a command that becomes
  /// the one that follows them.
  explicit ServerProgram(std::vector<std::string> arguments,
                         const std::string& program = "echo-server",
                         std::vector<std::pair<std::string, std::string>> env = {},
                         std::vector<std::string> under = {});

  std::uint16_t port() const { return port_; }
  const std::filesystem::path& folder() const { return folder_.path(); }
  const Child& child() const { return *child_; }
  std::ptrdiff_t open_descriptors() const;
  void signal(int number) const { child_->signal(number); }

  /// Waits for its end, which somebody must have asked for; fails the test if it hangs.
  Exit wait();
  /// SIGTERM, then wait().
  Exit stop();

  std::string output() const;     ///< its standard output until now
  std::string complaint() const;  ///< its standard error until now
  /// The statistics it wrote last, and those it writes when asked now.
  boost::json::value stats() const;
  boost::json::value stats_now() const;

 private:
  ScratchFolder folder_;
  std::optional<Child> child_;
  std::uint16_t port_ = 0;
};

/// To start a server under: it can have no more of `resource` than `limit`, as ulimit counts it.
std::vector<std::string> limited(const std::string& resource, int limit);

/// Runs echo-server with arguments that make it end by itself.
Exit run_server(const std::vector<std::string>& arguments, const ScratchFolder& folder);

}  // namespace contend::test
