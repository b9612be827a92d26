#include "ci/render/rules.hpp"

#include <algorithm>
#include <array>

namespace contend::ci {
namespace {

struct Entry {
  const char* id;
  const char* name;
  const char* what;
  const char* remedy;
  bool exact;
};

constexpr std::array known{
    Entry{"tsan.data-race", "Data race",
          "Two threads access the same memory at the same time, and at least one of them writes.",
          "Guard both accesses with the same mutex, make the variable atomic, or give each thread "
          "its own.",
          true},
    Entry{"tsan.data-race-vptr", "Data race on a virtual table pointer",
          "An object is destroyed or constructed while another thread calls a virtual function.",
          "Stop or join the other thread before the object's destructor begins.", true},
    Entry{"tsan.heap-use-after-free", "Use after free",
          "One thread frees memory that another still uses.",
          "Let both own it (shared_ptr), or join the user before freeing.", true},
    Entry{"tsan.lock-order-inversion", "Lock order inversion",
          "Two mutexes are taken in both orders: two threads can wait for each other for ever.",
          "Take them in one order everywhere, or both at once with std::scoped_lock.", false},
    Entry{"tsan.thread-leak", "Thread leak", "A thread ended and nobody joined or detached it.",
          "Join it, or use std::jthread.", true},
    Entry{"tsan.signal-unsafe-call", "Unsafe call in a signal handler",
          "A signal handler calls a function that may not be called there.",
          "Only set a flag or write to a pipe in the handler.", true},
    Entry{"loadgen.corrupt", "Corrupt reply", "The server sent back other bytes than it was sent.",
          "Look for a buffer that is used again before its write has ended.", true},
    Entry{"loadgen.truncated", "Truncated reply", "The server sent back less than it was sent.",
          "Look for a short write whose rest is dropped.", true},
    Entry{"loadgen.crosstalk", "Bytes of another connection",
          "A connection received what belongs to another one.",
          "Look for a buffer that connections share.", true},
};

}  // namespace

Rule find_rule(std::string_view id) {
  const auto found = std::ranges::find(known, id, &Entry::id);
  if (found != known.end()) return {found->name, found->what, found->remedy, found->exact};
  std::string name(id);
  std::ranges::replace(name, '.', ' ');
  std::ranges::replace(name, '-', ' ');
  return {name, "Reported as " + std::string(id) + ".", "Read the message and both stacks.", false};
}

}  // namespace contend::ci
