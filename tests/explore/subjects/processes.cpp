// What an execution finds of the ones before it: nothing, however its process came to be.
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "tests/explore/subjects/subjects.hpp"

namespace {

constexpr std::size_t large = 1 << 20;  // of its own mapping
constexpr std::size_t deep = 200'000;

int ordinary = 1;
thread_local int own = 2;
std::vector<int> on_heap;
int ever_handled = 0;

// Writes on its stack where a fresh one is all zeros.
bool is_stack_fresh() {
  volatile char room[deep];
  bool fresh = true;
  for (std::size_t i = 0; i < deep; i += 1000) {
    fresh = fresh && room[i] == 0;
    room[i] = 1;
  }
  return fresh;
}

bool change_everything() {
  const bool fresh = ordinary == 1 && own == 2 && on_heap.empty() && errno == 0;
  ordinary = 3;
  own = 4;
  errno = EDOM;
  on_heap.assign(100, 5);
  on_heap.resize(large);
  on_heap.back() = 6;
  return fresh;
}

void handle(int) {
  ++ever_handled;
}

}  // namespace

int finds_all_fresh() {
  bool in_thread = false;
  std::thread other([&] {
    in_thread = own == 2 && is_stack_fresh();
    own = 7;
  });
  other.join();
  return change_everything() && in_thread ? 0 : 1;
}

// Nobody's destructor runs, no handler.
int ends_at_once() {
  std::atexit([] { std::abort(); });
  _exit(change_everything() ? 0 : 1);
}

// In every process that starts like another.
int tells_where_a_large_block_is() {
  const std::vector<char> block(large);
  return static_cast<int>((reinterpret_cast<std::uintptr_t>(block.data()) >> 12U) & 0x7fU);
}

// Its number is the same in every process that starts like another.
int leaves_a_descriptor() {
  return open("/dev/null", O_RDONLY);
}

int leaves_a_duplicate() {
  return dup2(STDERR_FILENO, 40) == 40 ? 0 : 2;
}

int leaves_a_handler() {
  struct sigaction before {};
  sigaction(SIGUSR1, nullptr, &before);
  std::signal(SIGUSR1, handle);
  std::raise(SIGUSR1);
  return before.sa_handler == SIG_DFL && ever_handled == 1 ? 0 : 1;
}

int leaves_a_blocked_signal() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  return sigismember(&before, SIGUSR2) == 0 ? 0 : 1;
}

int leaves_a_folder() {
  char name[16];
  if (getcwd(name, sizeof name) != nullptr && name[1] == '\0') return 1;
  return chdir("/");
}
