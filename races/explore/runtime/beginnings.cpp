// How executions and their threads begin and end.
#include <new>

#include "races/explore/runtime/heap.hpp"
#include "races/explore/runtime/hooks.hpp"
#include "races/explore/runtime/platform.hpp"
#include "races/explore/runtime/scheduler.hpp"
#include "races/explore/runtime/thread_end.hpp"
#include "races/explore/runtime/timers.hpp"

extern "C" char __executable_start;
extern "C" char etext;

namespace contend::explore {
namespace {

// Not the scheduler's, which outlives an execution: those that one has made end with it.
Worker workers[max_threads];

constexpr std::int64_t start_of_time = 1'000'000'000'000;

}  // namespace

void Scheduler::prepare(Shared& shared) {
  share_pages(this, sizeof *this);
  new (this) Scheduler;
  threads_ = static_cast<Thread*>(map_pages(max_threads * sizeof(Thread)));
  shared_ = &shared;
  image_begin_ = reinterpret_cast<std::uint64_t>(&__executable_start);
  image_end_ = reinterpret_cast<std::uint64_t>(&etext);
  contexts_.begin();
  weak_memory_.begin();
  detector_.begin(shared, contexts_, [] { scheduler.heap_error("use after free"); });
  leaks_.begin();
  leaks_.roots().leave_out({number(workers), number(workers + max_threads)});
  leaks_.roots().leave_out({number(&heap), number(&heap + 1)});
}

void Scheduler::next_execution() {
  current_ = nullptr;
  thread_count_ = 0;
  steps_ = 0;
  changes_ = 0;
  hash_ = 0;
  contexts_.next_execution();
  weak_memory_.next_execution();
  detector_.next_execution();
}

// As new, but with the room that its clocks had before.
Thread& Scheduler::fresh_thread() {
  Thread& thread = threads_[thread_count_];
  const VectorClock kept[] = {thread.clock, thread.fence_release, thread.fence_acquire,
                              thread.fence_order};
  new (&thread) Thread;
  thread.clock = kept[0];
  thread.fence_release = kept[1];
  thread.fence_acquire = kept[2];
  thread.fence_order = kept[3];
  thread.fence_order.clear();
  thread.id = static_cast<std::uint16_t>(thread_count_);
  return thread;
}

void Scheduler::make_workers(std::uint32_t count) {
  for (std::uint32_t i = 1; i < count && i < max_threads; ++i) {
    if (workers[i].stack == nullptr && make_worker(workers[i], least_stack) != 0) return;
  }
}

void Scheduler::begin() {
  adopt(workers[0]);
  workers[0].stack_end = leaks_.roots().stack_end();
  leaks_.begin_process();
  begin_first_thread();
  controlled = true;
}

void Scheduler::restart() {
  stop_timers();
  next_execution();
  leaks_.blocks().next_execution();
  Result& result = shared_->result;
  result.choices = 0;
  result.fair_from = ~0U;
  result.events = 0;
  result.steps = 0;
  result.hash = 0;
  result.leak_count = 0;
  begin_first_thread();
}

// To ask costs as much as six switches, and a small execution has eight.
bool Scheduler::is_worth_withholding() {
  constexpr std::uint64_t patience = 64;
  if (identities_asked_ > times_withheld_ + patience) return false;
  ++times_withheld_;
  return true;
}

bool Scheduler::is_alone() const {
  for (std::uint32_t i = 1; i < thread_count_; ++i) {
    if (threads_[i].live) return false;
  }
  return true;
}

void Scheduler::begin_first_thread() {
  now_ = start_of_time;
  strategy_.begin(shared_->instruction, shared_->learnt);
  fair_.begin(shared_->instruction);
  Thread& main = fresh_thread();
  ++thread_count_;
  main.live = true;
  main.worker = &workers[0];
  main.handle = workers[0].handle;
  main.kernel_id = workers[0].kernel_id;
  detector_.start(main);
  current_ = &main;
  shared_->result.thread_count = 1;
}

int Scheduler::create(void* (*routine)(void*), void* argument, bool detached,
                      std::size_t stack_size, std::uint64_t pc, pthread_t* handle) {
  if (thread_count_ == max_threads) uncontrolled("more than 4096 threads");
  Thread& self = *current_;
  Thread& thread = fresh_thread();
  Worker& worker = workers[thread_count_];
  thread.routine = routine;
  thread.argument = argument;
  thread.detached = detached;
  thread.worker = &worker;
  worker.thread = &thread;
  if (worker.stack_size < stack_size) {
    controlled = false;  // what libc allocates for it is not the program's
    const int failed = make_worker(worker, stack_size);
    controlled = true;
    if (failed != 0) return failed;
  }
  begin_worker(worker, body);
  if (worker.was_used) renew_thread_locals(worker);
  worker.was_used = true;
  ++thread_count_;
  shared_->result.thread_count = thread_count_;
  thread.handle = worker.handle;
  thread.kernel_id = worker.kernel_id;
  *handle = worker.handle;
  thread.live = true;
  detector_.start(thread);
  detector_.created(self, thread);
  record(self, Op::create, pc, thread.id);
  works();
  if (instruction().start_points) {
    thread.step = {Op::begin, 0, pc};
    return 0;
  }
  // Not a step, so no choice: before its own first step a thread changes nothing that has a hook.
  thread.starter = &self;
  run_on(thread);
  return 0;
}

void Scheduler::body(Worker& worker) {
  run_thread(*worker.thread);
}

void Scheduler::finish() {
  Thread& self = *current_;
  Worker& worker = *self.worker;
  self.live = false;
  ++changes_;
  Thread* next = self.starter;
  if (next == nullptr) next = &pick_next(nullptr);
  current_ = next;
  switch_worker(worker, *next->worker);
  __builtin_unreachable();
}

}  // namespace contend::explore
