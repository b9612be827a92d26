#include "races/explore/runtime/fork_server.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
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
#include "races/explore/runtime/signals.hpp"
#include "races/explore/runtime/snapshot.hpp"
#include "races/explore/runtime/system_calls.hpp"

extern "C" char __executable_start;

namespace contend::explore {
namespace {

void on_crash(int signal, siginfo_t* what, void* machine) {
  if (signal == SIGSEGV && give_identity()) {
    scheduler.count_identity();
    return;
  }
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
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
    handle_signal(signal, on_crash);
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

struct Answer {
  std::int32_t child;
  std::int32_t status;
};

// Where the driver asks and is answered, by the server or by the process of an execution.
struct Line {
  int descriptor = -1;

  /// One request is one byte. False: there will be none any more.
  bool wait_for_request() const {
    char request = 0;
    ssize_t got = 0;
    do {
      got = read(descriptor, &request, 1);
    } while (got < 0 && errno == EINTR);
    return got == 1;
  }

  bool answer(const Answer& answer) const {
    return write(descriptor, &answer, sizeof answer) == sizeof answer;
  }
};
Line line;  ///< of the process of an execution that may make another

void begin_request(const Shared& shared) {
  if (!shared.instruction.stop_at_end) rewind_output();
  scheduler.next_execution();
}

// The process of an execution that went to its end is about to go, and has left nothing behind: it
// answers for itself, as the server would have, and makes the next one. While there is none `child`
// is 0: whoever dies then owes no answer.
void go_on_as_next(int code) {
  if (!can_bring_back()) return;
  controlled = false;
  Shared& shared = scheduler.shared();
  const std::int32_t self = shared.child;
  shared.child = 0;
  ++shared.served;
  if (!line.answer({self, W_EXITCODE(code & 0xff, 0)}) || !line.wait_for_request()) _exit(0);
  shared.child = self;
  begin_request(shared);
  unmap_what_was_mapped();
  bring_back();
}

// Registered before anything of the program's, and so called after all of it.
void look_for_leaks(int code, void*) {
  if (code != 0 || !controlled || !scheduler.instruction().leaks) return;
  scheduler.leaks().look();
  if (scheduler.shared().result.leak_count > 0) scheduler.stop_if_told();
}

// A descriptor that the program does not get in the way of, nor it in the program's.
int out_of_the_way(int descriptor) {
  constexpr int high = 500;
  return fcntl(descriptor, F_DUPFD_CLOEXEC, high);
}

// How many processes in a row made one execution only: it failed, or left something behind.
std::uint32_t short_lives = 0;

/// Returns in the process of each execution that is forked.
void serve(Shared& shared, const Line& commands) {
  std::uint32_t most_threads = 3;
  while (commands.wait_for_request()) {
    scheduler.make_workers(most_threads);
    begin_request(shared);
    shared.served = 0;
    const pid_t child = _Fork();
    if (child == 0) {
      shared.child = getpid();
      return;
    }
    Answer answer{child, -1};
    if (child > 0) {
      while (waitpid(child, &answer.status, 0) < 0 && errno == EINTR) {
      }
    }
    const std::uint32_t threads = shared.result.thread_count;
    if (threads > most_threads) most_threads = threads;
    short_lives = shared.served == 0 ? short_lives + 1 : 0;
    const bool was_idle = shared.served > 0 && shared.child == 0;
    if (was_idle) continue;
    if (!commands.answer(answer)) break;
  }
  _exit(0);
}

// Keeping memory that is never given back costs a third of a fork: then it is only tried now and
// then.
bool is_worth_keeping(const Shared& shared) {
  constexpr std::uint32_t patience = 4;
  constexpr std::uint32_t now_and_then = 64;
  if (shared.instruction.stop_at_end || shared.instruction.stop_at_race) return false;
  return short_lives < patience || short_lives % now_and_then == 0;
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
  serve(shared, {commands});
  const bool may_go_on = is_worth_keeping(shared) && prepare_to_watch_system_calls(go_on_as_next);
  if (may_go_on) line.descriptor = out_of_the_way(commands);
  close(memory);
  close(commands);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  on_exit(look_for_leaks, nullptr);
  if (line.descriptor >= 0) {
    if (keep_memory()) {
      watch_system_calls();
    } else {
      close(line.descriptor);
      line.descriptor = -1;
    }
  }
  scheduler.begin();
  if (shared.instruction.canary != Canary::none) end_process(run_canary(shared.instruction.canary));
}

void end_process(int code) {
  if (line.descriptor >= 0 && left_nothing_behind()) go_on_as_next(code);
  kernel(SYS_exit_group, code);
  __builtin_unreachable();
}

}  // namespace contend::explore
