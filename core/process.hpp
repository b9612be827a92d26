// Child processes, supervised: every one is waited for by its own id, bounded in time, and gone
// when its owner is.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

#include "core/expected.hpp"

namespace contend {

struct Command {
  std::vector<std::string> argv;                           ///< argv[0] is looked up on PATH
  std::vector<std::pair<std::string, std::string>> env{};  ///< added to ours
  std::filesystem::path stdout_to{};                       ///< a file; empty: ours
  std::filesystem::path stderr_to{};  ///< a file, may equal stdout_to; empty: ours
  std::filesystem::path folder{};     ///< empty: ours
};

/// How a child ended.
struct Exit {
  std::optional<int> code;  ///< none if a signal ended it
  std::optional<int> signal;
  bool timed_out = false;    ///< we ended it at its deadline
  bool interrupted = false;  ///< we ended it because we were interrupted
  double cpu_seconds = 0;
  std::int64_t peak_rss_bytes = 0;

  bool ok() const { return code == 0 && !timed_out && !interrupted; }
};

/// "exited with 3", "was ended by signal 11 (Segmentation fault)", "was stopped at its deadline".
std::string describe(const Exit& exit);

/// A running child in a process group of its own. It starts without address randomisation, which
/// sanitizer runtimes need and nothing else minds, and dies with the thread that started it.
/// When it has ended, what is left of its group is killed; the destructor kills all of it.
/// Threads: one owner.
class Child {
 public:
  /// Errors: no such program, an output file cannot be opened, no more processes.
  static Expected<Child> start(const Command& command);

  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();

  pid_t pid() const { return pid_; }

  /// Sends a signal to the child alone.
  void signal(int number) const;

  /// Waits until the child ends or `deadline` passes; none if it still runs then.
  std::optional<Exit> wait_until(std::chrono::steady_clock::time_point deadline);

  /// SIGTERM, then SIGKILL to the whole group after `grace`.
  Exit stop(std::chrono::milliseconds grace);

 private:
  explicit Child(pid_t pid) : pid_(pid) {}
  void kill_group() const;

  pid_t pid_ = -1;
  std::optional<Exit> exit_;
};

/// Runs a command to its end, or to `budget`, or until we are interrupted (core/interrupt.hpp);
/// then it is ended gently, and by force two seconds later.
Expected<Exit> run(const Command& command, std::chrono::nanoseconds budget);

/// As run(), for a program with a sanitizer in it, whose stderr must go to a file: started again,
/// up to five times, when the runtime dies of "unexpected memory mapping". Errors: those of run(),
/// and the runtime that never came up, with the remedy.
Expected<Exit> run_sanitized(const Command& command, std::chrono::nanoseconds budget);

/// Splits a command line into words as a shell would: blanks, '…', "…" and backslash; no expansion.
/// Errors: a quote that is not closed, no word at all.
Expected<std::vector<std::string>> split_words(std::string_view line);

/// A command as one could type it again.
std::string quote_words(const std::vector<std::string>& words);

/// The folder of the running program.
std::filesystem::path program_folder();

/// Where one of our own programs lies: bin/NAME, or libexec/contend/NAME, beside the running one.
/// Errors: it is not there (with the path tried).
Expected<std::filesystem::path> find_program(const std::string& name);

/// Goes on as that program, with the same arguments. Returns only what stood in the way; `missing`,
/// if it is not empty, is the sentence where it is not there.
Error become_program(const std::string& name, char** argv, const std::string& missing = "");

}  // namespace contend
