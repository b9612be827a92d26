#include "core/process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "core/check.hpp"
#include "core/file.hpp"
#include "core/interrupt.hpp"

namespace contend {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// What the child does between fork and exec is async-signal-safe, so all it needs is made before.
struct Prepared {
  std::vector<char*> argv;
  std::vector<std::string> env_text;
  std::vector<char*> env;
};

Prepared prepare(const Command& command) {
  Prepared prepared;
  for (const std::string& word : command.argv)
    prepared.argv.push_back(const_cast<char*>(word.c_str()));
  prepared.argv.push_back(nullptr);
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const bool replaced = std::ranges::any_of(
        command.env, [&](const auto& added) { return text.starts_with(added.first + "="); });
    if (!replaced) prepared.env_text.emplace_back(text);
  }
  for (const auto& [name, value] : command.env) {
    prepared.env_text.push_back(fmt::format("{}={}", name, value));
  }
  for (std::string& text : prepared.env_text) prepared.env.push_back(text.data());
  prepared.env.push_back(nullptr);
  return prepared;
}

[[noreturn]] void tell_parent(int pipe, int error_number) {
  [[maybe_unused]] const ssize_t written = ::write(pipe, &error_number, sizeof error_number);
  ::_exit(127);
}

void redirect(const std::filesystem::path& to, int descriptor, bool append, int pipe) {
  if (to.empty()) return;
  const int mode = O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC);
  const int file = ::open(to.c_str(), mode, 0644);
  if (file < 0 || ::dup2(file, descriptor) < 0) tell_parent(pipe, errno);
  ::close(file);
}

[[noreturn]] void become(const Command& command, const Prepared& prepared, pid_t parent, int pipe) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  // Refused in some containers; the sanitizer runtime then has to take its chance, see
  // run_sanitized().
  if (const int now = ::personality(0xffffffff); now >= 0) {
    ::personality(static_cast<unsigned long>(now) | ADDR_NO_RANDOMIZE);
  }
  std::signal(SIGPIPE, SIG_DFL);
  redirect(command.stdout_to, STDOUT_FILENO, false, pipe);
  redirect(command.stderr_to, STDERR_FILENO, command.stderr_to == command.stdout_to, pipe);
  if (!command.folder.empty() && ::chdir(command.folder.c_str()) != 0) tell_parent(pipe, errno);
  ::execvpe(prepared.argv[0], prepared.argv.data(), prepared.env.data());
  tell_parent(pipe, errno);
}

Exit to_exit(int status, const rusage& used) {
  Exit exit;
  if (WIFEXITED(status)) exit.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) exit.signal = WTERMSIG(status);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  exit.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
  exit.peak_rss_bytes = used.ru_maxrss * 1024;
  return exit;
}

int poll_milliseconds(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000));
}

constexpr const char* mapping_message = "unexpected memory mapping";

constexpr const char* mapping_remedy =
    "the ThreadSanitizer runtime cannot live with this kernel's address randomisation "
    "(\"unexpected memory mapping\", five times); run `sysctl vm.mmap_rnd_bits=28` as root, or "
    "allow "
    "personality() in this container";

}  // namespace

std::string describe(const Exit& exit) {
  if (exit.timed_out) return "was stopped at its deadline";
  if (exit.interrupted) return "was stopped by an interrupt";
  if (exit.signal)
    return fmt::format("was ended by signal {} ({})", *exit.signal, strsignal(*exit.signal));
  return fmt::format("exited with {}", exit.code.value_or(-1));
}

Expected<Child> Child::start(const Command& command) {
  CONTEND_CHECK(!command.argv.empty());
  const Prepared prepared = prepare(command);
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
    return errno_error("starting " + command.argv[0], errno);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) become(command, prepared, parent, pipe[1]);
  const int fork_failed = errno;
  ::close(pipe[1]);
  int failed = 0;
  if (pid < 0) {
    failed = fork_failed;
  } else {
    while (::read(pipe[0], &failed, sizeof failed) < 0 && errno == EINTR) continue;
  }
  ::close(pipe[0]);
  if (failed == 0) return Child(pid);
  if (pid > 0) {
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) continue;
  }
  return errno_error("starting " + command.argv[0], failed);
}

Child::Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)), exit_(other.exit_) {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(exit_, other.exit_);
  return *this;
}

Child::~Child() {
  if (pid_ > 0 && !exit_) {
    kill_group();
    wait_until(Clock::now() + 10s);
  }
}

void Child::signal(int number) const {
  if (pid_ > 0 && !exit_) ::kill(pid_, number);
}

void Child::kill_group() const {
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
}

std::optional<Exit> Child::wait_until(Clock::time_point deadline) {
  if (exit_) return exit_;
  const auto descriptor = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  CONTEND_CHECK(descriptor >= 0);
  pollfd ended{descriptor, POLLIN, 0};
  while (::poll(&ended, 1, poll_milliseconds(deadline)) <= 0 && Clock::now() < deadline) continue;
  const bool has_ended = (ended.revents & POLLIN) != 0;
  ::close(descriptor);
  if (!has_ended) return std::nullopt;
  kill_group();  // what it left behind; before it is reaped, so that the id is still its own
  int status = 0;
  rusage used{};
  while (::wait4(pid_, &status, 0, &used) < 0 && errno == EINTR) continue;
  exit_ = to_exit(status, used);
  return exit_;
}

Exit Child::stop(std::chrono::milliseconds grace) {
  signal(SIGTERM);
  if (auto exit = wait_until(Clock::now() + grace)) return *exit;
  kill_group();
  const auto exit = wait_until(Clock::now() + 10s);
  CONTEND_CHECK(exit.has_value());
  return *exit;
}

Expected<Exit> run(const Command& command, std::chrono::nanoseconds budget) {
  Expected<Child> child = Child::start(command);
  if (!child) return child.error();
  const auto deadline = Clock::now() + budget;
  while (true) {
    const auto slice = std::min(deadline, Clock::now() + 50ms);
    if (const auto exit = child->wait_until(slice)) return *exit;
    const bool late = Clock::now() >= deadline;
    if (!late && !interrupted()) continue;
    Exit exit = child->stop(2s);
    exit.timed_out = late;
    exit.interrupted = !late;
    return exit;
  }
}

Expected<Exit> run_sanitized(const Command& command, std::chrono::nanoseconds budget) {
  CONTEND_CHECK(!command.stderr_to.empty());
  for (int attempt = 0; attempt < 5; ++attempt) {
    const Expected<Exit> exit = run(command, budget);
    if (!exit) return exit;
    const Expected<std::string> said = read_file(command.stderr_to);
    if (!said) return said.error();
    if (said->find(mapping_message) == std::string::npos) return exit;
  }
  return world_error(mapping_remedy);
}

Expected<std::vector<std::string>> split_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
      in_word = true;
    } else if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      word += line[++i];
      in_word = true;
    } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      if (in_word) words.push_back(std::exchange(word, {}));
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != 0)
    return usage_error(fmt::format("the command \"{}\" has a quote that is not closed", line));
  if (in_word) words.push_back(word);
  if (words.empty()) return usage_error("the command is empty");
  return words;
}

std::string quote_words(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    const bool plain =
        !word.empty() && word.find_first_of(" \t\n'\"\\$`*?[]{}()<>|&;~#!") == std::string::npos;
    if (plain) {
      line += word;
      continue;
    }
    line += '\'';
    for (const char c : word) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

std::filesystem::path program_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

Expected<std::filesystem::path> find_program(const std::string& name) {
  const std::filesystem::path here = program_folder();
  // From bin/, from libexec/contend/, and from a test that lies in bin/ as well.
  const std::array places{here / name, here / ".." / "libexec" / "contend" / name,
                          here / ".." / ".." / "bin" / name};
  for (const auto& place : places) {
    if (::access(place.c_str(), X_OK) == 0) return place.lexically_normal();
  }
  return world_error(fmt::format("{} is not installed beside this program (looked for {})", name,
                                 places[1].lexically_normal().string()));
}

Error become_program(const std::string& name, char** argv, const std::string& missing) {
  const Expected<std::filesystem::path> path = find_program(name);
  if (!path) return missing.empty() ? path.error() : world_error(missing);
  ::execv(path->c_str(), argv);
  return errno_error("starting " + path->string(), errno);
}

}  // namespace contend
