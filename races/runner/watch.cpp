#include "races/runner/watch.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <execinfo.h>
#include <fstream>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "races/runner/wire.hpp"

#if defined(__has_feature)
#define CONTEND_HAS_FEATURE(name) __has_feature(name)
#else
#define CONTEND_HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_THREAD__) || CONTEND_HAS_FEATURE(thread_sanitizer)
#define CONTEND_UNDER_TSAN 1
#else
#define CONTEND_UNDER_TSAN 0
#endif

namespace contend::races {
namespace {

using namespace std::chrono_literals;

constexpr int stand_signal = SIGUSR2;
constexpr auto look_every = 50ms;
// While one thread waits for the symbolizer, the others wait for it to end its report.
constexpr int quiet_looks_of_a_hang = CONTEND_UNDER_TSAN ? 40 : 8;
constexpr std::uint64_t burnt_by_a_hang = 3'000'000'000;

/// Filled by a signal handler on the asked thread, read by the watcher; a handler has no other way
/// than a static.
struct Stand {
  std::array<void*, 64> frames{};
  // Set to 0 with release by the watcher, to the depth with release by the asked thread; each
  // acquires what the other did with the frames before.
  std::atomic<int> depth = 0;
};
Stand stand;

void on_stand_signal(int) {
  if (stand.depth.load(std::memory_order_acquire) != 0) return;
  stand.depth.store(::backtrace(stand.frames.data(), static_cast<int>(stand.frames.size())),
                    std::memory_order_release);
}

/// Returns the thread's stack, or nothing if it does not answer.
std::vector<void*> ask_where(pthread_t thread) {
  stand.depth.store(0, std::memory_order_release);
  if (pthread_kill(thread, stand_signal) != 0) return {};
  for (int i = 0; i < 100 && stand.depth.load(std::memory_order_acquire) == 0; ++i) {
    std::this_thread::sleep_for(5ms);
  }
  const int depth = stand.depth.load(std::memory_order_acquire);
  // Parentheses: braces would make a list of the two iterators, which are void* too.
  return std::vector<void*>(stand.frames.begin(), stand.frames.begin() + depth);
}

void on_crash(int number) {
  std::array<void*, 64> frames{};
  const int depth = ::backtrace(frames.data(), static_cast<int>(frames.size()));
  write_crash(number, frames.data(), depth);
  std::signal(number, SIG_DFL);
  std::raise(number);
}

std::uint64_t cpu_time(pthread_t thread) {
  clockid_t clock{};
  timespec now{};
  if (pthread_getcpuclockid(thread, &clock) != 0 || clock_gettime(clock, &now) != 0) return 0;
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(now.tv_nsec);
}

/// 'S' asleep, 'R' running or ready, …; 0 if there is no such thread.
char state_of(pid_t thread) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/stat");
  std::string line;
  std::getline(file, line);
  const auto name_end = line.rfind(')');
  return name_end == std::string::npos || name_end + 2 >= line.size() ? '\0' : line[name_end + 2];
}

/// How long a batch that is under way when the budget ends may still take: on a busy machine much
/// longer than it should.
std::chrono::nanoseconds last_batch_of(std::chrono::nanoseconds budget) {
  return std::clamp<std::chrono::nanoseconds>(10 * budget, 5s, 30s);
}

/// Whether a sleeping thread will wake by itself: in a system call with an end.
bool has_alarm(pid_t thread) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/syscall");
  long number = -1;
  std::array<std::string, 4> arguments;
  file >> number;
  for (std::string& each : arguments) file >> each;
  if (number == SYS_clock_nanosleep) return true;
  return number == SYS_futex && file && arguments[3] != "0x0";
}

}  // namespace

void tell_crashes() {
  void* first_call_allocates[1];
  ::backtrace(first_call_allocates, 1);
  // Freed never: the handler may need it until the very end. Mapped, since some sanitizers unmap
  // it.
  constexpr std::size_t size = 64 * 1024;
  stack_t stack{};
  stack.ss_sp = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  stack.ss_size = size;
  if (stack.ss_sp != MAP_FAILED) sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_handler = on_crash;
  action.sa_flags = static_cast<int>(SA_ONSTACK | SA_RESETHAND);
  sigaction(SIGABRT, &action, nullptr);
  if (CONTEND_UNDER_TSAN) return;
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigaction(number, &action, nullptr);
}

Watch::Watch(std::size_t actors, const Meeting& meeting, std::chrono::nanoseconds budget)
    : meeting_(meeting),
      actors_(actors),
      last_batch_(last_batch_of(budget)),
      last_batch_until_(Clock::now() + budget + last_batch_) {
  void* first_call_allocates[1];
  ::backtrace(first_call_allocates, 1);
  struct sigaction action {};
  action.sa_handler = on_stand_signal;
  action.sa_flags = SA_RESTART;
  sigaction(stand_signal, &action, nullptr);
  watcher_ = std::thread([this] {
    while (!ends_.load(std::memory_order_acquire)) {
      std::this_thread::sleep_for(look_every);
      look_around();
    }
  });
}

Watch::~Watch() {
  ends_.store(true, std::memory_order_release);
  watcher_.join();
}

void Watch::join(std::size_t actor) {
  actors_[actor].handle = pthread_self();
  actors_[actor].thread.store(gettid(), std::memory_order_release);
}

void Watch::leave() {
  left_.fetch_add(1, std::memory_order_release);
}

bool Watch::is_stuck(Watched& actor) {
  const std::uint64_t cpu = cpu_time(actor.handle);
  const bool has_slept =
      cpu == actor.cpu_ns && state_of(actor.thread) == 'S' && !has_alarm(actor.thread);
  actor.quiet_looks = has_slept ? actor.quiet_looks + 1 : 0;
  actor.cpu_ns = cpu;
  return actor.quiet_looks >= quiet_looks_of_a_hang || cpu - actor.cpu_at_batch >= burnt_by_a_hang;
}

void Watch::look_around() {
  for (Watched& actor : actors_) {
    if (actor.thread.load(std::memory_order_acquire) == 0) return;
  }
  // Those who left are gone, and their threads may not be asked.
  if (left_.load(std::memory_order_acquire) > 0) return;
  const std::uint64_t batches = batches_.load(std::memory_order_relaxed);
  if (batches != batches_seen_) {
    batches_seen_ = batches;
    last_batch_until_ = std::max(last_batch_until_, Clock::now() + last_batch_);
    for (Watched& actor : actors_) {
      actor.cpu_at_batch = actor.cpu_ns = cpu_time(actor.handle);
      actor.quiet_looks = 0;
    }
    return;
  }
  if (Clock::now() >= last_batch_until_) tell_hang();
  std::size_t stuck = 0;
  std::size_t waiting = 0;
  for (std::size_t i = 0; i < actors_.size(); ++i) {
    if (is_stuck(actors_[i]) && !meeting_.is_waiting(i)) ++stuck;
    if (meeting_.is_waiting(i)) ++waiting;
  }
  if (stuck > 0 && stuck + waiting == actors_.size()) tell_hang();
}

void Watch::tell_hang() {
  std::vector<Standing> standings;
  for (std::size_t i = 0; i < actors_.size(); ++i) {
    const char state = state_of(actors_[i].thread);
    const char* doing = meeting_.is_waiting(i)                         ? "waits for the others"
                        : state == 'S' && has_alarm(actors_[i].thread) ? "sleeps"
                        : state == 'S'                                 ? "is blocked"
                                                                       : "spins";
    standings.push_back({i + 1, doing, ask_where(actors_[i].handle)});
  }
  write_hang(standings);
  std::_Exit(exit_hang);
}

}  // namespace contend::races
