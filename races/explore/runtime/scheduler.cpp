#include "races/explore/runtime/scheduler.hpp"

#include <cerrno>
#include <csignal>
#include <ctime>

#include "races/explore/runtime/platform.hpp"
#include "races/explore/runtime/readiness.hpp"
#include "races/explore/runtime/thread_end.hpp"

namespace contend::explore {

Scheduler scheduler;
bool controlled = false;

namespace {

// A timed wait may run out early by as much as a loaded machine can delay its waker; a longer one
// only when nobody else can go on.
constexpr std::int64_t believable_delay = 100'000'000;

// Locks and the like: what they are about is memory of the program, which may have been freed. Who
// waits for a condition is not meant: it may be gone when he wakes.
bool is_about_memory(Op op) {
  switch (op) {
    case Op::wait:
    case Op::barrier:
      return false;
    default:
      return op >= Op::lock && op <= Op::guard;
  }
}

bool can_go(const Thread& thread) {
  return thread.step.enabled == nullptr || thread.step.enabled(thread);
}

}  // namespace

Thread* Scheduler::by_handle(pthread_t handle) {
  for (std::uint32_t i = thread_count_; i-- > 0;) {
    if (threads_[i].handle == handle && !threads_[i].joined) return &threads_[i];
  }
  return nullptr;
}

Thread* Scheduler::by_kernel_id(std::int32_t id) {
  for (std::uint32_t i = 0; i < thread_count_; ++i) {
    if (threads_[i].kernel_id == id) return &threads_[i];
  }
  return nullptr;
}

std::uint64_t Scheduler::relative(std::uint64_t pc) const {
  return pc >= image_begin_ && pc < image_end_ ? pc - image_begin_ : 0;
}

// In a shared library by where it is, which is the same in every process: addresses are not random.
bool Scheduler::is_racy(std::uint64_t pc) const {
  const std::uint64_t place = relative(pc);
  return contains(shared_->racy, place == 0 ? pc : place);
}

bool Scheduler::step(const Step& step) {
  Thread& self = *current_;
  if (is_about_memory(step.op)) must_be_alive(step);
  self.step = step;
  self.timed_out = false;
  self.quiet_accesses = 0;
  if (self.starter != nullptr) {
    Thread& starter = *self.starter;
    self.starter = nullptr;
    run_on(starter);
  } else {
    run_on(pick_next(&self));
  }
  if (is_about_memory(step.op)) must_be_alive(step);
  // A loop around a timed wait gets nowhere by itself, whatever it writes to say how long it waits.
  if (self.timed_out) repeated(step.pc, step.object, 0, Spin::patience_with_time_outs);
  return !self.timed_out;
}

void Scheduler::must_be_alive(const Step& step) {
  if (detector_.is_freed(step.object)) {
    heap_error("use after free", relative(step.pc) == 0 ? 0 : step.pc);
  }
}

void Scheduler::yield(const Step& step) {
  Thread& self = *current_;
  self.gave_way = true;
  shared_->result.spun = true;
  self.mark = steps_;
  strategy_.yielded(self.id);
  this->step(step);
}

void Scheduler::saw(std::uint64_t pc, std::uint64_t object, std::uint64_t value) {
  const bool works = current_->spin.works;
  repeated(pc, object, value, works ? Spin::patience_with_work : Spin::patience);
}

void Scheduler::repeated(std::uint64_t pc, std::uint64_t object, std::uint64_t value,
                         std::uint32_t patience) {
  Thread& self = *current_;
  Spin& spin = self.spin;
  for (const Spin::Load& load : spin.loads) {
    if (load.pc != pc || load.object != object || load.value != value) continue;
    if (++spin.repeats < patience) return;
    shared_->result.spun = true;
    spin.repeats = 0;
    spin.works = false;
    self.spinning = true;
    self.mark = changes_ - self.changes;
    strategy_.yielded(self.id);
    return;
  }
  spin.repeats = 0;
  spin.works = false;
  spin.loads[spin.next++ % Spin::places] = {pc, object, value};
}

void Scheduler::add(Thread& thread) {
  candidates_[candidate_count_++] = {thread.id, thread.step.op, thread.step.object, thread.steps};
}

// The candidates: first those that nothing speaks against, else those that gave way or spin.
void Scheduler::gather(const Thread* running) {
  for (const bool polite : {true, false}) {
    candidate_count_ = 0;
    const auto consider = [&](Thread& thread) {
      if (!thread.live) return;
      if (thread.gave_way && thread.mark != steps_) thread.gave_way = false;
      if (thread.spinning && thread.mark != changes_ - thread.changes) thread.spinning = false;
      if (polite && (thread.gave_way || thread.spinning)) return;
      const std::int64_t deadline = thread.step.deadline;
      const bool due = deadline >= 0 && deadline - now_ <= believable_delay;
      if (due || can_go(thread)) add(thread);
    };
    if (running != nullptr) consider(threads_[running->id]);
    for (std::uint32_t i = 0; i < thread_count_; ++i) {
      if (&threads_[i] != running) consider(threads_[i]);
    }
    if (candidate_count_ > 0) return;
  }
}

// Nobody can go on, so time passes until the first deadline.
bool Scheduler::wake_at_deadline() {
  Thread* first = nullptr;
  for (std::uint32_t i = 0; i < thread_count_; ++i) {
    Thread& thread = threads_[i];
    if (!thread.live || thread.step.deadline < 0) continue;
    if (first == nullptr || thread.step.deadline < first->step.deadline) first = &thread;
  }
  if (first == nullptr) return false;
  add(*first);
  return true;
}

// What was sent through the network stack may still be on its way; real time passes for it.
void Scheduler::wait_for_network() {
  constexpr int most_looks = 50;
  const timespec a_while{0, 400'000};
  for (int i = 0; i < most_looks && candidate_count_ == 0; ++i) {
    kernel(SYS_nanosleep, reinterpret_cast<long>(&a_while), 0);
    gather(nullptr);
  }
  if (candidate_count_ == 0) nothing_is_under_way();
}

Thread& Scheduler::pick_next(const Thread* running) {
  gather(running);
  if (candidate_count_ == 0 && may_be_under_way()) wait_for_network();
  if (candidate_count_ == 0 && !wake_at_deadline()) deadlock();
  const bool may_continue = running != nullptr && candidates_[0].thread == running->id;
  const std::uint32_t index =
      candidate_count_ == 1 ? 0 : decide(ChoiceKind::thread, candidate_count_, may_continue);
  Thread& next = threads_[candidates_[index].thread];
  if (next.step.deadline >= 0 && !can_go(next)) {
    next.timed_out = true;
    if (now_ < next.step.deadline) now_ = next.step.deadline;
  }
  account(next);
  return next;
}

// The first where that thread cannot go on.
std::uint32_t Scheduler::rank_of(std::uint16_t thread) const {
  for (std::uint32_t i = 0; i < candidate_count_; ++i) {
    if (candidates_[i].thread == thread) return i;
  }
  return 0;
}

std::uint32_t Scheduler::decide(ChoiceKind kind, std::uint32_t count, bool may_continue) {
  Result& result = shared_->result;
  const Instruction& told = shared_->instruction;
  if (result.choices == max_choices) end(Ending::livelock);
  const std::uint32_t number = result.choices++;
  const std::uint32_t check = static_cast<std::uint32_t>(hash_) | 1U;
  const bool fair = steps_ >= told.step_limit / 2;
  if (fair && number < result.fair_from) result.fair_from = number;
  std::uint32_t picked = 0;
  if (number < told.prefix_length) {
    const Choice& given = shared_->prefix[number];
    const bool fits = given.picked < count &&
                      (given.check == 0 || (given.check == check && given.count == count));
    if (!fits && told.strict) {
      result.where = number;
      end(Ending::diverged);
    }
    picked = given.picked < count ? given.picked : 0;
    if (given.check == 0 && kind == ChoiceKind::thread) picked = rank_of(given.thread);
  } else if (kind != ChoiceKind::thread) {
    picked = strategy_.pick_other(count);
  } else {
    const Situation now{candidates_, count, may_continue, steps_};
    picked = fair ? fair_.pick(now) : strategy_.pick(now);
  }
  const std::uint16_t thread =
      kind == ChoiceKind::thread ? candidates_[picked].thread : current_->id;
  shared_->choices[number] = {static_cast<std::uint16_t>(picked),
                              static_cast<std::uint16_t>(count),
                              thread,
                              kind,
                              may_continue,
                              check};
  return picked;
}

std::uint32_t Scheduler::choose(ChoiceKind kind, std::uint32_t count) {
  return count <= 1 ? 0 : decide(kind, count, false);
}

// The step is about to be done: into the trace, the hash and the bounds with it.
void Scheduler::account(Thread& thread) {
  Result& result = shared_->result;
  hash_ = mix(hash_ ^ relative(thread.step.pc) ^ (std::uint64_t{thread.id} << 48U) ^
              (static_cast<std::uint64_t>(thread.step.op) << 40U));
  ++steps_;
  ++thread.steps;
  if (writes(thread.step.op) && thread.step.op != Op::yield && thread.step.op != Op::clock) {
    changed(thread);
  }
  result.steps = steps_;
  result.hash = hash_;
  record(thread, thread.step.op, thread.step.pc, thread.step.object);
  if (steps_ >= shared_->instruction.step_limit) {
    result.thread = thread.id;
    contexts_.unwind(thread.context, thread.step.pc, result.stack);
    end(Ending::livelock);
  }
}

std::uint64_t Scheduler::shown(const Thread& thread, std::uint64_t pc) const {
  const bool inside = relative(pc) != 0 || thread.context == Contexts::root;
  return inside ? pc : contexts_.call_site(thread.context);
}

void Scheduler::record(const Thread& thread, Op op, std::uint64_t pc, std::uint64_t object) {
  Result& result = shared_->result;
  if (result.events == max_events || shared_->instruction.repeat > 0) return;
  Event& event = shared_->events[result.events++];
  const bool access = op == Op::read || op == Op::write;  // by compiled code, the program's own
  event = {
      access ? pc : shown(thread, pc), object, thread.id, op, thread.timed_out, {}, result.choices};
  std::uint32_t node = thread.context;
  for (std::uint64_t& caller : event.callers) {
    caller = contexts_.call_site(node);
    node = contexts_.above(node);
  }
}

void Scheduler::only_looked() {
  const std::uint32_t count = shared_->result.events;
  current_->timed_out = false;
  if (count > 0 && shared_->instruction.repeat == 0) shared_->events[count - 1].timed_out = false;
}

void Scheduler::run_on(Thread& next) {
  Thread& self = *current_;
  if (&next == &self) return;
  current_ = &next;
  switch_worker(*self.worker, *next.worker);
}

void Scheduler::wait_until_alone(std::uint64_t pc) {
  const auto alone = [](const Thread& thread) {
    for (std::uint32_t i = 0; i < scheduler.thread_count_; ++i) {
      if (i != thread.id && scheduler.threads_[i].live) return false;
    }
    return true;
  };
  if (!alone(*current_)) step({Op::exit, 0, pc, alone});
}

void Scheduler::took(std::uint64_t object, std::uint64_t pc) {
  Thread& self = *current_;
  if (self.held_count < Thread::most_held) {
    self.held[self.held_count++] = {object, pc, self.context};
  }
}

void Scheduler::dropped(std::uint64_t object) {
  Thread& self = *current_;
  for (std::uint32_t i = self.held_count; i-- > 0;) {
    if (self.held[i].object != object) continue;
    self.held[i] = self.held[--self.held_count];
    return;
  }
}

}  // namespace contend::explore
