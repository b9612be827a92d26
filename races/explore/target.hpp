// The explored program as the driver sees it: a process that stands before its own main and forks
// for the executions asked for. Knows nothing of strategies.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/expected.hpp"
#include "core/file.hpp"
#include "core/process.hpp"

#include "races/explore/protocol.hpp"

namespace contend::explore {

/// How one execution ended. The spans are valid until the next one.
struct Execution {
  Result result;
  std::int32_t process = 0;  ///< that made it; it may have made others
  std::optional<int> exit_code;
  std::optional<int> signal;        ///< the process was ended by it
  std::optional<std::string> hung;  ///< it was ended by us: what it was doing
  std::span<const Choice> choices;
  std::span<const Event> events;
  std::span<const Race> races;
  std::span<const Waiter> waiters;
  std::span<const Leak> leaks;
};

struct SharedFree {
  void operator()(Shared* shared) const;
};

class Target {
 public:
  /// Errors: no such program, no memory.
  static Expected<Target> start(const std::vector<std::string>& argv);

  /// This process becomes `command` (a debugger, its options, the program and its arguments), in
  /// which the program, once started, finds one execution to do. Returns only what went wrong.
  static Error become(const std::vector<std::string>& command, const Instruction& instruction,
                      std::span<const Choice> prefix, std::span<const std::uint64_t> racy);

  Target(Target&& other) noexcept;
  Target& operator=(Target&&) = delete;
  ~Target();

  /// One execution. `prefix` holds the choices to repeat before the strategy decides.
  /// With instruction.repeat several, in one process, of a program that offers it (can_repeat);
  /// `known` are the races that do not end it then.
  /// Errors: the program does not start or is not linked with contend::explore, or its server died.
  Expected<Execution> run(const Instruction& instruction, std::span<const Choice> prefix,
                          std::span<const Race> known = {});

  /// Places where accesses are choice points from now on, as the learner has them.
  void set_racy(std::span<const std::uint64_t> places);
  void set_learnt(std::span<const Learnt> learnt);

  /// Where the program is loaded; known after the first execution.
  std::uint64_t base() const { return shared_->base; }
  const std::string& program() const { return program_; }
  pid_t server() const { return server_->pid(); }

  /// What the last execution printed, both streams, at most the last 4 KiB.
  std::string output() const;

 private:
  Target() = default;
  Expected<std::pair<int, int>> prepare(const std::string& program);
  bool ask();
  void instruct(const Instruction& instruction, std::span<const Choice> prefix);
  std::optional<std::string> wait_for_answer();
  Error no_answer();
  Execution read_execution(std::int32_t status) const;

  std::string program_;
  std::optional<ScratchFolder> folder_;
  std::unique_ptr<Shared, SharedFree> shared_;
  int commands_ = -1;
  std::optional<Child> server_;
};

}  // namespace contend::explore
