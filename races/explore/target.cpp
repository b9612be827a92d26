#include "races/explore/target.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "core/printable.hpp"

#include "races/explore/hang.hpp"

namespace contend::explore {
namespace {

struct Answer {
  std::int32_t child;
  std::int32_t status;
};

constexpr int look_every_milliseconds = 500;
constexpr std::size_t most_output = 4096;
constexpr auto a_while = std::chrono::seconds(1);
constexpr int loader_failed = 127;  // of the dynamic loader

Expected<Shared*> map_shared(int memory) {
  if (memory < 0) return errno_error("making memory for the explored program", errno);
  if (::ftruncate(memory, sizeof(Shared)) != 0) {
    return errno_error("making memory for the explored program", errno);
  }
  void* mapped = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  if (mapped == MAP_FAILED) return errno_error("mapping memory for the explored program", errno);
  auto* shared = static_cast<Shared*>(mapped);
  shared->version = protocol_version;
  return shared;
}

std::string environment_of(const std::pair<int, int>& ends) {
  return fmt::format("{},{}", ends.first, ends.second);
}

}  // namespace

void SharedFree::operator()(Shared* shared) const {
  ::munmap(shared, sizeof(Shared));
}

Target::Target(Target&& other) noexcept
    : program_(std::move(other.program_)),
      folder_(std::move(other.folder_)),
      shared_(std::move(other.shared_)),
      commands_(std::exchange(other.commands_, -1)),
      server_(std::exchange(other.server_, std::nullopt)) {}

// The server sees the end of its commands and leaves by itself.
Target::~Target() {
  if (commands_ >= 0) ::close(commands_);
  if (!server_) return;
  if (!server_->wait_until(std::chrono::steady_clock::now() + a_while)) server_->stop(a_while);
}

// Memory and a line to talk on; the program's ends of both are returned, open.
Expected<std::pair<int, int>> Target::prepare(const std::string& program) {
  program_ = program;
  const int memory = ::memfd_create("contend-explore", 0);
  const Expected<Shared*> shared = map_shared(memory);
  if (!shared) return shared.error();
  shared_.reset(*shared);
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) {
    ::close(memory);
    return errno_error("starting " + program_, errno);
  }
  commands_ = ends[0];
  return std::make_pair(memory, ends[1]);
}

Expected<Target> Target::start(const std::vector<std::string>& argv) {
  Target target;
  Expected<ScratchFolder> folder = ScratchFolder::make();
  if (!folder) return folder.error();
  target.folder_ = std::move(*folder);
  const Expected<std::pair<int, int>> ends = target.prepare(argv.at(0));
  if (!ends) return ends.error();
  ::fcntl(target.commands_, F_SETFD, FD_CLOEXEC);
  const std::filesystem::path output = target.folder_->path() / "output";
  Expected<Child> server =
      Child::start({.argv = argv,
                    .env = {{environment_name, environment_of(*ends)}, {"LD_BIND_NOW", "1"}},
                    .stdout_to = output,
                    .stderr_to = output});
  ::close(ends->first);
  ::close(ends->second);
  if (!server) return server.error();
  target.server_ = std::move(*server);
  return target;
}

Error Target::become(const std::vector<std::string>& command, const Instruction& instruction,
                     std::span<const Choice> prefix, std::span<const std::uint64_t> racy) {
  Target target;
  const Expected<std::pair<int, int>> ends = target.prepare(command.at(0));
  if (!ends) return ends.error();
  target.set_racy(racy);
  target.instruct(instruction, prefix);
  target.ask();
  // The request waits in the program's end; while this one is open, somebody would wait for more.
  ::close(std::exchange(target.commands_, -1));
  ::setenv(environment_name, environment_of(*ends).c_str(), 1);
  std::vector<char*> words;
  words.reserve(command.size() + 1);
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execvp(words[0], words.data());
  return errno_error("starting " + command[0], errno);
}

void Target::set_racy(std::span<const std::uint64_t> places) {
  std::ranges::fill(shared_->racy.pc, 0);
  for (const std::uint64_t place :
       places.first(std::min<std::size_t>(places.size(), racy_table_size / 2))) {
    insert(shared_->racy, place);
  }
}

void Target::set_learnt(std::span<const Learnt> learnt) {
  std::ranges::copy(learnt, shared_->learnt);
}

void Target::instruct(const Instruction& instruction, std::span<const Choice> prefix) {
  shared_->instruction = instruction;
  shared_->instruction.prefix_length = static_cast<std::uint32_t>(prefix.size());
  std::ranges::copy(prefix, shared_->prefix);
}

bool Target::ask() {
  shared_->result = Result{};
  shared_->child = 0;
  const char request = 'r';
  return ::send(commands_, &request, 1, MSG_NOSIGNAL) == 1;
}

Expected<Execution> Target::run(const Instruction& instruction, std::span<const Choice> prefix,
                                std::span<const Race> known) {
  instruct(instruction, prefix);
  std::ranges::copy(known.first(std::min<std::size_t>(known.size(), max_races)), shared_->races);
  shared_->instruction.known_races =
      static_cast<std::uint32_t>(std::min<std::size_t>(known.size(), max_races));
  if (!ask()) return no_answer();
  const std::optional<std::string> hung = wait_for_answer();
  Answer answer{};
  const ssize_t got = ::recv(commands_, &answer, sizeof answer, MSG_WAITALL);
  if (got != static_cast<ssize_t>(sizeof answer)) return no_answer();
  if (answer.child < 0) return world_error("forking " + program_ + ": no more processes");
  Execution execution = read_execution(answer.status);
  execution.process = answer.child;
  execution.hung = hung;
  return execution;
}

// A program without the runtime runs by itself and goes, before or after it was asked; one whose
// library is missing, or crashes in its constructor, does not come as far as the runtime.
Error Target::no_answer() {
  if (shared_->base != 0) return world_error("the process of " + program_ + " died");
  const auto exit = server_->wait_until(std::chrono::steady_clock::now() + a_while);
  if (exit && (exit->signal || exit->code == loader_failed)) {
    const std::string said = output();
    return world_error(fmt::format(
        "{} ended before it could be explored: {}", program_,
        said.empty() ? describe(*exit) : printable(said.substr(0, said.find('\n')), 300)));
  }
  return usage_error(program_ +
                     " is not linked with contend::explore, so nothing in it is controlled");
}

Execution Target::read_execution(std::int32_t status) const {
  Execution execution;
  execution.result = shared_->result;
  if (WIFEXITED(status)) execution.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) execution.signal = WTERMSIG(status);
  const Result& result = shared_->result;
  execution.choices = {shared_->choices, std::min(result.choices, max_choices)};
  execution.events = {shared_->events, std::min(result.events, max_events)};
  execution.races = {shared_->races, std::min(result.race_count, max_races)};
  execution.waiters = {shared_->waiters, std::min(result.waiter_count, max_waiters)};
  execution.leaks = {shared_->leaks, std::min(result.leak_count, max_leaks)};
  return execution;
}

// An execution that stands still in a call we do not control, or computes for ever, is ended here.
std::optional<std::string> Target::wait_for_answer() {
  HangWatch watch;
  for (;;) {
    pollfd descriptor{commands_, POLLIN, 0};
    const int ready = ::poll(&descriptor, 1, look_every_milliseconds);
    if (ready > 0) return std::nullopt;
    const std::uint64_t steps = reinterpret_cast<volatile std::uint64_t&>(shared_->result.steps);
    const pid_t child = shared_->child;
    std::optional<std::string> hung = watch.look(child > 0 ? child : server_->pid(), steps);
    if (!hung) continue;
    if (child > 0) {
      ::kill(child, SIGKILL);
    } else {
      server_->signal(SIGKILL);
    }
    return hung;
  }
}

std::string Target::output() const {
  const Expected<std::string> text = read_file(folder_->path() / "output");
  if (!text) return {};
  return text->size() > most_output ? text->substr(text->size() - most_output) : *text;
}

}  // namespace contend::explore
