#include "races/explore/runtime/leaks.hpp"

#include <initializer_list>

#include "races/explore/runtime/hooks.hpp"

namespace contend::explore {
namespace {

// Whatever the program keeps there.
using Word [[gnu::may_alias]] = std::uint64_t;

template <class Look>
void each_word(Range range, Look look) {
  const std::uint64_t first = (range.begin + 7U) & ~std::uint64_t{7};
  for (std::uint64_t at = first; at + sizeof(Word) <= range.end; at += sizeof(Word)) {
    look(*reinterpret_cast<const Word*>(at));
  }
}

Range range_of(const Block& block) {
  return {block.address, block.address + block.size};
}

Range word_at(const void* address) {
  return {number(address), number(address) + sizeof(Word)};
}

}  // namespace

void Leaks::begin() {
  blocks_.begin();
  roots_.begin();
}

void Leaks::begin_process() {
  looking_ = false;
  blocks_.forget_all();
}

// Not inlined, and with nothing else on its stack: below it are no words of the program's.
[[gnu::noinline]] void Leaks::look() {
  if (blocks_.fresh() == 0) return;
  __builtin_unwind_init();  // registers that the program may keep a pointer in
  std::uint64_t stack_pointer = 0;
  asm volatile("mov %%rsp, %0" : "=r"(stack_pointer));
  reach_all(stack_pointer);
}

[[gnu::noinline]] void Leaks::reach_all(std::uint64_t stack_pointer) {
  controlled = false;
  looking_ = true;
  waiting_ = nullptr;
  blocks_.sort();
  roots_.each([](Range range) { scheduler.leaks().reach_from(range); });
  for (std::uint32_t i = 0; i < scheduler.thread_count(); ++i) {
    reach_from(scheduler.thread(i), stack_pointer);
  }
  while (waiting_ != nullptr) {
    const Block& next = *waiting_;
    waiting_ = next.waiting;
    reach_from(range_of(next));
  }
  report();
  looking_ = false;
  controlled = true;
}

void Leaks::reach_from(Range range) {
  each_word(range, [this](std::uint64_t word) {
    Block* found = blocks_.around(word);
    if (found == nullptr || found->reached) return;
    found->reached = true;
    found->waiting = waiting_;
    waiting_ = found;
  });
}

// Its registers are on its stack while another one runs. Of a thread that ended there is still what
// libc keeps about it, since the real one behind it only sleeps.
void Leaks::reach_from(const Thread& thread, std::uint64_t stack_pointer) {
  const Worker& worker = *thread.worker;
  const bool runs = &thread == &scheduler.current();
  if (thread.live) {
    reach_from({runs ? stack_pointer : worker.stack_pointer, worker.stack_end});
    reach_from(word_at(&thread.argument));
  } else {
    reach_from({worker.identity, worker.stack_end});
    if (!thread.joined && !thread.detached) reach_from(word_at(&thread.result));
  }
}

// First what no leak points to: with it the others are lost.
void Leaks::report() {
  std::uint32_t lost = 0;
  for (std::uint32_t i = 0; i < blocks_.count(); ++i) {
    Block& block = blocks_.at(i);
    if (block.reached || !blocks_.is_fresh(block)) continue;
    ++lost;
    each_word(range_of(block), [&](std::uint64_t word) {
      Block* found = blocks_.around(word);
      if (found != nullptr && found != &block) found->pointed_at = true;
    });
  }
  if (lost == 0) return;
  for (const bool pointed_at : {false, true}) {
    for (std::uint32_t i = 0; i < blocks_.count(); ++i) {
      const Block& block = blocks_.at(i);
      if (block.reached || !blocks_.is_fresh(block) || block.pointed_at != pointed_at) continue;
      report(block);
    }
  }
}

// Together with those of the same call.
void Leaks::report(const Block& block) {
  Shared& shared = scheduler.shared();
  std::uint32_t& count = shared.result.leak_count;
  std::uint32_t i = 0;
  while (i < count && (sites_[i].pc != block.pc || sites_[i].context != block.context)) ++i;
  if (i == max_leaks) return;
  Leak& leak = shared.leaks[i];
  if (i == count) {
    ++count;
    sites_[i] = {block.pc, block.context};
    leak = {scheduler.relative(block.pc), 0, 0, block.thread, {}};
    scheduler.contexts().unwind(block.context, block.pc, leak.stack);
  }
  leak.bytes += block.size;
  ++leak.blocks;
}

}  // namespace contend::explore
