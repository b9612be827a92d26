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

#include "races/explore/hang.hpp"

namespace contend::explore {
namespace {

struct Answer {
  std::int32_t child;
  std::int32_t status;
};

constexpr int look_every_milliseconds = 500;
constexpr std::size_t most_output = 4096;

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
  if (server_) server_->stop(std::chrono::milliseconds(1000));
}

Expected<Target> Target::start(const std::vector<std::string>& argv) {
  Target target;
  target.program_ = argv.at(0);
  Expected<ScratchFolder> folder = ScratchFolder::make();
  if (!folder) return folder.error();
  target.folder_ = std::move(*folder);
  const int memory = ::memfd_create("contend-explore", 0);
  const Expected<Shared*> shared = map_shared(memory);
  if (!shared) return shared.error();
  target.shared_.reset(*shared);
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) {
    ::close(memory);
    return errno_error("starting " + target.program_, errno);
  }
  ::fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  target.commands_ = ends[0];
  const std::filesystem::path output = target.folder_->path() / "output";
  Expected<Child> server = Child::start(
      {.argv = argv,
       .env = {{environment_name, fmt::format("{},{}", memory, ends[1])}, {"LD_BIND_NOW", "1"}},
       .stdout_to = output,
       .stderr_to = output});
  ::close(memory);
  ::close(ends[1]);
  if (!server) return server.error();
  target.server_ = std::move(*server);
  return target;
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

Expected<Execution> Target::run(const Instruction& instruction, std::span<const Choice> prefix,
                                std::span<const Race> known) {
  shared_->instruction = instruction;
  shared_->instruction.prefix_length = static_cast<std::uint32_t>(prefix.size());
  std::ranges::copy(prefix, shared_->prefix);
  std::ranges::copy(known.first(std::min<std::size_t>(known.size(), max_races)), shared_->races);
  shared_->instruction.known_races =
      static_cast<std::uint32_t>(std::min<std::size_t>(known.size(), max_races));
  shared_->result = Result{};
  shared_->child = 0;
  const char request = 'r';
  if (::send(commands_, &request, 1, MSG_NOSIGNAL) != 1) return no_answer();
  const std::optional<std::string> hung = wait_for_answer();
  Answer answer{};
  const ssize_t got = ::recv(commands_, &answer, sizeof answer, MSG_WAITALL);
  if (got != static_cast<ssize_t>(sizeof answer)) return no_answer();
  if (answer.child < 0) return world_error("forking " + program_ + ": no more processes");
  Execution execution = read_execution(answer.status);
  execution.hung = hung;
  return execution;
}

// A program without the runtime runs by itself and goes, before or after it was asked.
Error Target::no_answer() const {
  if (shared_->base != 0) return world_error("the process of " + program_ + " died");
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
