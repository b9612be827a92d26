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
    Entry{"loadgen.connect_refused", "Connection refused", "Nobody listens at the target.",
          "Look whether the server runs, and whether its backlog is long enough.", true},
    Entry{"loadgen.connect_timeout", "Connection timed out",
          "The server did not accept a connection before the timeout.",
          "Accept sooner, or with a longer backlog.", true},
    Entry{"loadgen.connect_failed", "Connection failed", "A connection could not be made.",
          "Read the message: it has the system's word for it.", true},
    Entry{"loadgen.local_exhausted", "Out of ports, descriptors or memory",
          "The load generator's machine ran out of them; the server did nothing wrong.",
          "Give it more source addresses (--source-ip), processes (--workers), descriptors or "
          "memory.",
          true},
    Entry{"loadgen.tls_failed", "TLS handshake failed", "Client and server did not come to terms.",
          "Read the message: it has the check that refused the certificate.", true},
    Entry{"loadgen.starved", "Client never served",
          "A connected client got no answer at all before its timeout.",
          "Look for a server that serves one client at a time.", true},
    Entry{"loadgen.closed", "Closed with answers outstanding",
          "The server closed a connection on which it still owed bytes.",
          "Look for an exception or a limit that ends a connection without a word.", true},
    Entry{"loadgen.reset", "Connection reset", "The server reset a connection.",
          "Look for a crash, or a close() with unread bytes in the socket.", true},
    Entry{"loadgen.broken", "Connection broken", "A connection failed while it was used.",
          "Read the message: it has the system's word for it.", true},
    Entry{"loadgen.timeout", "Answer overdue", "An answer did not come before the timeout.",
          "Look for a handler that blocks the others, or a wake-up that was lost.", true},
    Entry{"loadgen.lost", "Lost datagram",
          "A datagram, or the answer to it, did not come before the timeout.",
          "Look at the receive buffer's size: UDP drops what does not fit.", true},
    Entry{"loadgen.corrupt", "Corrupt reply", "The server sent back other bytes than it was sent.",
          "Look for a buffer that is used again before its write has ended.", true},
    Entry{"loadgen.truncated", "Truncated reply", "The server sent back less than it was sent.",
          "Look for a short write whose rest is dropped.", true},
    Entry{"loadgen.duplicated", "Duplicated reply", "The server sent the same bytes back twice.",
          "Look for a write that is tried again although a part of it went out.", true},
    Entry{"loadgen.reordered", "Reordered reply",
          "A later message came back before an earlier one.",
          "Look for two writes to one connection that are under way at once.", true},
    Entry{"loadgen.foreign", "Bytes of another connection",
          "A connection received what belongs to another one.",
          "Look for a buffer that connections share.", true},
    Entry{"loadgen.unexpected", "Unexpected answer", "An answer is not what the script expects.",
          "Read the message: it has what was wanted and what came.", true},
    Entry{"loadgen.surplus", "Surplus bytes", "Bytes came back that nobody had sent.",
          "Look for a write that is longer than what was read.", true},
    Entry{"server.lost-update", "Lost update",
          "The server's own count is below what its clients were answered.",
          "Guard the counter with a mutex, or make it atomic.", true},
    Entry{"races.hang", "Hang", "The actors of an experiment stopped and did not go on.",
          "Read where each of them stands.", true},
    Entry{"races.crash", "Crash", "An experiment ended by a signal.", "Read where the actor stood.",
          true},
    Entry{"explore.data-race", "Data race",
          "Two accesses to the same memory, at least one of them a write, have no order.",
          "Guard both accesses with the same mutex, make the variable atomic, or give each thread "
          "its own.",
          true},
    Entry{"explore.use-after-free", "Use after free", "One thread uses memory that was freed.",
          "Let both own it (shared_ptr), or join the user before freeing.", true},
    Entry{"explore.deadlock", "Deadlock", "No thread can go on: each waits for another one.",
          "Take locks in one order everywhere; change what a condition waits for under its lock, "
          "and notify after that.",
          true},
    Entry{"explore.livelock", "Livelock",
          "Every thread goes on, and the program gets nowhere within the step bound.",
          "Look at the loop at the end of the schedule, or raise --steps.", false},
    Entry{"explore.abort", "Abort", "A thread ended the program: an assertion, or an exception.",
          "Read the schedule from its first marked step, and replay it under gdb.", true},
    Entry{"explore.crash", "Crash", "A thread ended by a signal.",
          "Read the schedule from its first marked step, and replay it under gdb.", true},
    Entry{"explore.exit", "Failed exit", "The program ended with a code other than 0.",
          "Read the schedule from its first marked step, and replay it.", true},
    Entry{"explore.heap", "Misuse of the heap", "Memory was freed twice, or never came from there.",
          "Give the memory one owner.", true},
    Entry{"explore.leak", "Leak", "Nothing points to this memory any more, and nobody freed it.",
          "Give the memory an owner.", true},
};

}  // namespace

Rule find_rule(std::string_view id) {
  const auto found = std::ranges::find(known, id, &Entry::id);
  if (found != known.end()) return {found->name, found->what, found->remedy, found->exact};
  std::string name(id);
  std::ranges::replace(name, '.', ' ');
  std::ranges::replace(name, '-', ' ');
  return {name, "Reported as " + std::string(id) + ".",
          "Read the message, and the stacks where there are any.", false};
}

}  // namespace contend::ci
