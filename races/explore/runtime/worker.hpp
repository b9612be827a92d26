// Who runs a controlled thread: a fiber on the stack, and with the identity, of a real thread. The
// real thread was started once, tells where its stack and its thread pointer are, and sleeps for
// ever; so pthread_self, errno and thread_local are right, and a switch costs no kernel. A forked
// child can use the fibers of its parent, whose sleeping threads it does not have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <pthread.h>

namespace contend::explore {

struct Thread;

struct Worker {
  Thread* thread = nullptr;
  void (*body)(Worker&) = nullptr;
  std::uint64_t stack_pointer = 0;  ///< where it was switched away from
  std::uint64_t identity = 0;       ///< the thread pointer, FS
  std::uint64_t top = 0;            ///< a fresh run of the fiber begins below this
  std::byte* stack = nullptr;       ///< null for the first thread
  std::size_t stack_size = 0;
  std::uint64_t stack_end = 0;  ///< on the first thread's too
  bool was_used = false;        ///< a thread has run on it
  pthread_t handle = {};
  std::int32_t kernel_id = 0;  ///< what glibc takes for its thread id
};

/// Makes the calling thread a worker.
void adopt(Worker& worker);

/// Starts the sleeping thread behind a worker, with at least `stack_size`. Returns an errno value.
int make_worker(Worker& worker, std::size_t stack_size);

/// Lets it call `body`, which does not return, when it is first switched to.
void begin_worker(Worker& worker, void (*body)(Worker&));

/// Gives the program's own thread_local variables their first values again.
void renew_thread_locals(const Worker& worker);

/// Goes on as `to`; returns when somebody switches back.
void switch_worker(Worker& from, Worker& to);

/// From here on, where a switch of the thread pointer costs a system call, whoever is switched to
/// is nobody until it looks at itself; that faults, and the handler gives it its identity.
void withhold_identities();

/// For the handler of SIGSEGV: false if the running worker had its identity, so that the fault has
/// another cause.
bool give_identity();

/// The end of it; the running worker is itself.
void give_identities();

}  // namespace contend::explore
