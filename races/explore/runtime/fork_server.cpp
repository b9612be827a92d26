#include "races/explore/runtime/fork_server.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "races/explore/runtime/callers.hpp"
#include "races/explore/runtime/canary.hpp"
#include "races/explore/runtime/channel.hpp"
#include "races/explore/runtime/hooks.hpp"
#include "races/explore/runtime/platform.hpp"

extern "C" char __executable_start;

namespace contend::explore {
namespace {

void on_crash(int signal, siginfo_t* what, void* machine) {
  std::signal(signal, SIG_DFL);
  if (scheduler.leaks().is_looking()) kernel(SYS_exit_group, 0);
  if (!controlled) return;
  const auto& registers = static_cast<const ucontext_t*>(machine)->uc_mcontext.gregs;
  scheduler.crashed(signal, signal == SIGABRT ? 0 : number(what->si_addr),
                    static_cast<std::uint64_t>(registers[REG_RIP]),
                    static_cast<std::uint64_t>(registers[REG_RSP]));
}

// On a stack of its own, or a stack overflow could not be told.
void watch_for_crashes() {
  constexpr std::size_t size = 64 * 1024;
  stack_t stack{};
  stack.ss_sp = map_pages(size);
  stack.ss_size = size;
  sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
    sigaction(signal, &action, nullptr);
  }
}

int number_after(const char*& text) {
  int value = 0;
  for (; *text >= '0' && *text <= '9'; ++text) value = value * 10 + (*text - '0');
  if (*text == ',') ++text;
  return value;
}

// What the last execution printed is of no use to anybody.
void rewind_output() {
  for (const int descriptor : {1, 2}) {
    if (lseek(descriptor, 0, SEEK_CUR) > 0) {
      if (ftruncate(descriptor, 0) == 0) lseek(descriptor, 0, SEEK_SET);
    }
  }
}

// Registered before anything of the program's, and so called after all of it.
void look_for_leaks(int code, void*) {
  if (code != 0 || !controlled || !scheduler.instruction().leaks) return;
  scheduler.leaks().look();
  if (scheduler.shared().result.leak_count > 0) scheduler.stop_if_told();
}

struct Answer {
  std::int32_t child;
  std::int32_t status;
};

/// One request is one byte; one answer the child's wait status.
void serve(Shared& shared, int commands) {
  std::uint32_t most_threads = 3;
  for (;;) {
    char request = 0;
    const ssize_t got = read(commands, &request, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got != 1) _exit(0);
    if (!shared.instruction.stop_at_end) rewind_output();
    scheduler.make_workers(most_threads);
    scheduler.next_execution();
    const pid_t child = _Fork();
    if (child == 0) return;
    shared.child = child;
    Answer answer{child, -1};
    if (child > 0) {
      while (waitpid(child, &answer.status, 0) < 0 && errno == EINTR) {
      }
    }
    const std::uint32_t threads = shared.result.thread_count;
    if (threads > most_threads) most_threads = threads;
    if (write(commands, &answer, sizeof answer) != sizeof answer) _exit(0);
  }
}

}  // namespace

void serve_executions() {
  const char* text = getenv(environment_name);
  if (text == nullptr) return;
  const int memory = number_after(text);
  const int commands = number_after(text);
  void* mapped = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  if (mapped == MAP_FAILED) give_up("the driver's memory is not there");
  auto& shared = *static_cast<Shared*>(mapped);
  if (shared.version != protocol_version) give_up("the driver speaks another version");
  shared.base = number(&__executable_start);
  unsetenv(environment_name);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  // One heap: the fibers never contend for it, and its addresses repeat themselves better.
  mallopt(M_ARENA_MAX, 1);
  note_inherited_descriptors(memory, commands);
  scheduler.prepare(shared);
  watch_for_crashes();
  prepare_unwinding();
  serve(shared, commands);
  close(memory);
  close(commands);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  on_exit(look_for_leaks, nullptr);
  scheduler.begin();
  if (shared.instruction.canary != Canary::none) {
    kernel(SYS_exit_group, run_canary(shared.instruction.canary));
  }
}

}  // namespace contend::explore
