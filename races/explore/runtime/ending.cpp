// How an execution ends early, and what it leaves for the driver to tell.
#include <csignal>

#include "races/explore/runtime/callers.hpp"
#include "races/explore/runtime/platform.hpp"
#include "races/explore/runtime/scheduler.hpp"

namespace contend::explore {

void Scheduler::stop_if_told() {
  if (shared_->instruction.stop_at_end) stop_for_debugger();
}

void Scheduler::end(Ending ending) {
  shared_->result.ending = ending;
  controlled = false;
  stop_if_told();
  kernel(SYS_exit_group, 0);
  __builtin_unreachable();
}

void Scheduler::uncontrolled(const char* what) {
  Result& result = shared_->result;
  copy_text(result.text, sizeof result.text, what);
  result.thread = current_->id;
  contexts_.unwind(current_->context, 0, result.stack);
  end(Ending::uncontrolled);
}

void Scheduler::heap_error(const char* what, std::uint64_t pc) {
  Result& result = shared_->result;
  copy_text(result.text, sizeof result.text, what);
  result.thread = current_->id;
  contexts_.unwind(current_->context, pc, result.stack);
  end(Ending::heap);
}

void Scheduler::crashed(int signal, std::uint64_t address, std::uint64_t pc, std::uint64_t at) {
  Result& result = shared_->result;
  result.signal = signal;
  result.fault_address = address;
  result.thread = current_->id;
  controlled = false;
  // A stack that is no longer one may end the process here: what is known by now stays.
  result.ending = Ending::crashed;
  contexts_.unwind(current_->context, 0, result.stack);
  std::uint64_t place = interrupted_call();
  if (place == 0) place = call_in_program(pc, at);
  // Places are looked up one before, as it is right for a return address.
  contexts_.unwind(current_->context, place == pc ? pc + 1 : place, result.stack);
  end(Ending::crashed);
}

// A lock in a freed block is never free: that is not why they wait.
void Scheduler::blame_freed_locks() {
  for (std::uint32_t i = 0; i < thread_count_; ++i) {
    Thread& thread = threads_[i];
    if (!thread.live || thread.step.op < Op::lock || thread.step.op > Op::write_lock) continue;
    current_ = &thread;
    must_be_alive(thread.step);
  }
}

// The wait-for graph: each thread that cannot go on, and who holds what it waits for.
void Scheduler::deadlock() {
  blame_freed_locks();
  Result& result = shared_->result;
  for (std::uint32_t i = 0; i < thread_count_ && result.waiter_count < max_waiters; ++i) {
    const Thread& thread = threads_[i];
    if (!thread.live) continue;
    Waiter& waiter = shared_->waiters[result.waiter_count++];
    waiter = Waiter{};
    waiter.thread = thread.id;
    waiter.op = thread.step.op;
    waiter.object = thread.step.object;
    contexts_.unwind(thread.context, relative(thread.step.pc) == 0 ? 0 : thread.step.pc,
                     waiter.stack);
    for (std::uint32_t j = 0; j < thread_count_; ++j) {
      for (std::uint32_t k = 0; k < threads_[j].held_count; ++k) {
        if (threads_[j].held[k].object != thread.step.object) continue;
        waiter.has_holder = true;
        waiter.holder = threads_[j].id;
      }
    }
  }
  end(Ending::deadlock);
}

}  // namespace contend::explore
