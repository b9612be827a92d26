// Who goes next. Every thread announces each step before it does it, and does it when it is picked;
// between two steps exactly one thread runs. Knows nothing of mutexes or sockets: a step says
// itself whether it can be done now.
#pragma once

#include <cstdint>

#include "races/explore/protocol.hpp"
#include "races/explore/runtime/contexts.hpp"
#include "races/explore/runtime/detector.hpp"
#include "races/explore/runtime/leaks.hpp"
#include "races/explore/runtime/thread.hpp"
#include "races/explore/runtime/weak_memory.hpp"
#include "races/explore/runtime/worker.hpp"
#include "races/explore/strategy/strategy.hpp"

namespace contend::explore {

class alignas(4096) Scheduler {
 public:
  static constexpr std::size_t least_stack = std::size_t{8} << 20U;

  /// Takes the memory it needs, its own included, which all executions share; once, first of all.
  void prepare(Shared& shared);

  /// Forgets the execution before, without touching the memory that it used.
  void next_execution();

  /// Has the workers of that many threads ready, for the executions to come.
  void make_workers(std::uint32_t count);

  /// The calling thread becomes thread 0 and is under control from here on.
  void begin();

  /// Thread 0, alone, begins another execution where it is.
  void restart();
  bool is_alone() const;
  Shared& shared() { return *shared_; }

  Thread& current() { return *current_; }
  Detector& detector() { return detector_; }
  Contexts& contexts() { return contexts_; }
  Leaks& leaks() { return leaks_; }
  WeakMemory& weak_memory() { return weak_memory_; }
  const Instruction& instruction() const { return shared_->instruction; }
  Thread& thread(std::uint32_t id) { return threads_[id]; }
  std::uint32_t thread_count() const { return thread_count_; }
  Thread* by_handle(pthread_t handle);
  Thread* by_kernel_id(std::int32_t id);

  /// Announces a step; returns when it is picked. False if its deadline, not its condition, did it.
  bool step(const Step& step);

  /// As step(), for a thread that gives way: somebody else goes first if anybody can.
  void yield(const Step& step);

  /// A choice that is not between threads, in [0, count).
  std::uint32_t choose(ChoiceKind kind, std::uint32_t count);

  /// Starts a thread, which runs up to its first step or has its beginning as one. Returns an errno
  /// value.
  int create(void* (*routine)(void*), void* argument, bool detached, std::size_t stack_size,
             std::uint64_t pc, pthread_t* handle);

  /// The current thread has done everything; somebody else goes on.
  [[noreturn]] void finish();

  /// A lock or condition in a freed block is a use after free.
  void must_be_alive(const Step& step);

  /// Waits until every other thread has ended.
  void wait_until_alone(std::uint64_t pc);

  /// Something other threads may be waiting for has changed.
  void changed() {
    if (current_ != nullptr) changed(*current_);  // not yet under control: nobody waits
  }

  /// A load or an attempt that changed nothing: the same one again and again is a spin.
  void saw(std::uint64_t pc, std::uint64_t object, std::uint64_t value);

  /// The current thread writes, or starts somebody: a loop that does may well go on by itself.
  void works() { current_->spin.works = true; }

  /// The step that was done last was no time-out of the program's, only a look at something else.
  void only_looked();

  std::int64_t now() const { return now_; }
  void advance_clock(std::int64_t nanoseconds) { now_ += nanoseconds; }

  /// Where in the program's own code a call came from; 0 for a library's.
  std::uint64_t relative(std::uint64_t pc) const;

  /// A call from inside a library is shown at the place of the program that led there.
  std::uint64_t shown(std::uint64_t pc) const { return shown(*current_, pc); }

  /// Whether an access here has raced before, so that it is a choice point.
  bool is_racy(std::uint64_t pc) const;

  void took(std::uint64_t object, std::uint64_t pc);
  void dropped(std::uint64_t object);
  void count_access() { ++shared_->result.accesses; }
  void count_identity() { ++identities_asked_; }

  /// For one more repeated execution: whether those before have seldom asked who they are.
  bool is_worth_withholding();
  void saw_probe() { ++shared_->result.probed_locks; }

  /// What a debugger was promised to see is here.
  void stop_if_told();
  [[noreturn]] void end(Ending ending);
  [[noreturn]] void uncontrolled(const char* what);
  /// In the handler of `signal`, which came at `pc` with the stack pointer `at`.
  [[noreturn]] void crashed(int signal, std::uint64_t address, std::uint64_t pc, std::uint64_t at);
  /// `pc` is the call in the program; 0 if it is not known.
  [[noreturn]] void heap_error(const char* what, std::uint64_t pc = 0);

 private:
  void changed(Thread& by) {
    ++changes_;
    ++by.changes;
  }
  void repeated(std::uint64_t pc, std::uint64_t object, std::uint64_t value,
                std::uint32_t patience);
  Thread& fresh_thread();
  void begin_first_thread();
  void gather(const Thread* running);
  void add(Thread& thread);
  Thread& pick_next(const Thread* running);
  std::uint32_t decide(ChoiceKind kind, std::uint32_t count, bool may_continue);
  std::uint32_t rank_of(std::uint16_t thread) const;
  void account(Thread& thread);
  std::uint64_t shown(const Thread& thread, std::uint64_t pc) const;
  void record(const Thread& thread, Op op, std::uint64_t pc, std::uint64_t object);
  bool wake_at_deadline();
  void wait_for_network();
  void blame_freed_locks();
  [[noreturn]] void deadlock();
  void run_on(Thread& next);
  static void body(Worker& worker);

  Shared* shared_ = nullptr;
  Thread* current_ = nullptr;
  std::uint32_t thread_count_ = 0;
  std::uint32_t candidate_count_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t changes_ = 0;
  std::int64_t now_ = 0;
  std::uint64_t hash_ = 0;
  std::uint64_t times_withheld_ = 0;    ///< executions
  std::uint64_t identities_asked_ = 0;  ///< in all of them
  std::uint64_t image_begin_ = 0;
  std::uint64_t image_end_ = 0;
  Detector detector_;
  Contexts contexts_;
  Leaks leaks_;
  WeakMemory weak_memory_;
  Strategy strategy_;
  RandomWalk fair_;
  Candidate candidates_[max_threads];
  Thread* threads_ = nullptr;
};

/// Hooks and interposed functions have no other way in. One process, one execution, one scheduler.
extern Scheduler scheduler;

/// False until control begins: hooks then do nothing, interposed functions are transparent.
extern bool controlled;

}  // namespace contend::explore
