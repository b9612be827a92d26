#include "races/explore/runtime/system_calls.hpp"

#include <csignal>
#include <cstdint>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <ucontext.h>

#include "races/explore/runtime/platform.hpp"
#include "races/explore/runtime/signals.hpp"

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_ON 1
#endif

extern "C" const char __start_contend_explore_text;
extern "C" const char __stop_contend_explore_text;

namespace contend::explore {
namespace {

// What the kernel reads at each call, as it names them.
constexpr char let_pass = 0;
constexpr char hand_over = 1;
volatile char selector = let_pass;
void (*when_done)(int code) = nullptr;

constexpr int length_of_syscall = 2;  ///< of the instruction

// Fresh memory, which a large allocation is, and that is still there.
struct Mapped {
  long begin;
  long length;
};
constexpr std::size_t most_mapped = 64;
Mapped mapped[most_mapped];
std::size_t mapped_count = 0;

bool is_fresh_memory(long flags) {
  constexpr long asked = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_FIXED_NOREPLACE;
  return (flags & asked) == (MAP_PRIVATE | MAP_ANONYMOUS) && mapped_count < most_mapped;
}

Mapped* find_mapped(long begin, long length) {
  for (std::size_t i = 0; i < mapped_count; ++i) {
    if (mapped[i].begin == begin && mapped[i].length == length) return &mapped[i];
  }
  return nullptr;
}

// Nothing, or nothing but what is given back: the heap's end, and what was printed.
bool leaves_nothing(long call, long first, long second) {
  switch (call) {
    case SYS_write:
    case SYS_writev:
      return first == STDOUT_FILENO || first == STDERR_FILENO;
    case SYS_ioctl:
      return second == TCGETS;  // isatty
    case SYS_access:
    case SYS_brk:
    case SYS_clock_getres:
    case SYS_clock_gettime:
    case SYS_clock_nanosleep:
    case SYS_faccessat:
    case SYS_faccessat2:
    case SYS_fstat:
    case SYS_futex:
    case SYS_getcpu:
    case SYS_getcwd:
    case SYS_getegid:
    case SYS_geteuid:
    case SYS_getgid:
    case SYS_getpid:
    case SYS_getppid:
    case SYS_getrandom:
    case SYS_getrusage:
    case SYS_gettid:
    case SYS_gettimeofday:
    case SYS_getuid:
    case SYS_lstat:
    case SYS_madvise:
    case SYS_mincore:
    case SYS_nanosleep:
    case SYS_newfstatat:
    case SYS_readlink:
    case SYS_readlinkat:
    case SYS_sched_getaffinity:
    case SYS_sched_yield:
    case SYS_stat:
    case SYS_statx:
    case SYS_sysinfo:
    case SYS_times:
    case SYS_uname:
      return true;
    default:
      return false;
  }
}

void on_system_call(int, siginfo_t* what, void* machine) {
  auto& registers = static_cast<ucontext_t*>(machine)->uc_mcontext.gregs;
  const long call = what->si_syscall;
  const long first = registers[REG_RDI];
  const long second = registers[REG_RSI];
  Mapped* const gone = call == SYS_munmap ? find_mapped(first, second) : nullptr;
  const bool is_new = call == SYS_mmap && is_fresh_memory(registers[REG_R10]);
  if (!is_new && gone == nullptr && !leaves_nothing(call, first, second)) {
    selector = let_pass;  // and made once more, this time for real
    if (call == SYS_exit_group) when_done(static_cast<int>(first));
    registers[REG_RAX] = call;
    registers[REG_RIP] -= length_of_syscall;
    return;
  }
  const long result = kernel(call, first, second, registers[REG_RDX], registers[REG_R10],
                             registers[REG_R8], registers[REG_R9]);
  if (gone != nullptr) *gone = mapped[--mapped_count];
  if (is_new && result > 0) mapped[mapped_count++] = {result, second};
  registers[REG_RAX] = result;
}

}  // namespace

// The handler need not return, so the signal is not blocked in it.
bool prepare_to_watch_system_calls(void (*at_end)(int code)) {
  when_done = at_end;
  if (!handle_signal(SIGSYS, on_system_call, SA_NODEFER)) return false;
  const char* const own = &__start_contend_explore_text;
  return kernel(SYS_prctl, PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON,
                reinterpret_cast<long>(own), &__stop_contend_explore_text - own,
                reinterpret_cast<long>(&selector)) == 0;
}

void watch_system_calls() {
  selector = hand_over;
}

bool left_nothing_behind() {
  const bool nothing = selector == hand_over;
  selector = let_pass;
  return nothing;
}

void unmap_what_was_mapped() {
  while (mapped_count > 0) {
    const Mapped& last = mapped[--mapped_count];
    kernel(SYS_munmap, last.begin, last.length);
  }
}

}  // namespace contend::explore
