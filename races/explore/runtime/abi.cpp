// The functions that `-fsanitize=thread` makes the compiler call: accesses and function entry and
// exit. Atomics are next door. Both compilers' spellings are here; unused ones cost nothing.
#include "races/explore/runtime/hooks.hpp"
#include "races/explore/runtime/platform.hpp"

namespace contend::explore {
namespace {

// A loop without a single choice point could wait for another thread for ever.
constexpr std::uint32_t most_quiet_accesses = 20'000;

bool is_choice_point(std::uint64_t pc) {
  return scheduler.instruction().every_access || scheduler.is_racy(pc);
}

std::uint64_t value_at(const void* address, std::uint64_t size) {
  std::uint64_t value = 0;
  copy_bytes(&value, address, size < 8 ? size : 8);
  return value;
}

}  // namespace

void touch_block(const void* address, std::uint64_t size, bool write, std::uint64_t pc) {
  if (size == 0) return;
  scheduler.detector().access(scheduler.current(), {number(address), pc, write}, size);
}

void touch_memory(const void* address, std::uint64_t size, bool write, std::uint64_t pc) {
  if (!controlled) return;
  scheduler.count_access();
  Thread& self = scheduler.current();
  if (write) scheduler.works();
  if (is_choice_point(pc)) {
    scheduler.step({write ? Op::write : Op::read, number(address), pc});
    if (!write) scheduler.saw(pc, number(address), value_at(address, size));
  } else if (++self.quiet_accesses == most_quiet_accesses) {
    scheduler.yield({Op::yield, 0, pc});
  }
  scheduler.detector().access(self, {number(address), pc, write}, size);
}

}  // namespace contend::explore

using contend::explore::Contexts;
using contend::explore::controlled;
using contend::explore::scheduler;
using contend::explore::Thread;
using contend::explore::touch_block;
using contend::explore::touch_memory;

#define CONTEND_ACCESS(kind, size, writes)                             \
  void __tsan_##kind##size(void* address) {                            \
    touch_memory(address, size, writes, CONTEND_CALLER());             \
  }                                                                    \
  void __tsan_##kind##size##_pc(void* address, void* pc) {             \
    touch_memory(address, size, writes, contend::explore::number(pc)); \
  }                                                                    \
  void __tsan_volatile_##kind##size(void* address) {                   \
    touch_memory(address, size, writes, CONTEND_CALLER());             \
  }                                                                    \
  void __tsan_unaligned_##kind##size(void* address) {                  \
    touch_memory(address, size, writes, CONTEND_CALLER());             \
  }                                                                    \
  void __tsan_unaligned_volatile_##kind##size(void* address) {         \
    touch_memory(address, size, writes, CONTEND_CALLER());             \
  }

#define CONTEND_READ_WRITE(size)                          \
  void __tsan_read_write##size(void* address) {           \
    touch_memory(address, size, false, CONTEND_CALLER()); \
    touch_memory(address, size, true, CONTEND_CALLER());  \
  }                                                       \
  void __tsan_unaligned_read_write##size(void* address) { \
    touch_memory(address, size, false, CONTEND_CALLER()); \
    touch_memory(address, size, true, CONTEND_CALLER());  \
  }

extern "C" {

void __tsan_init() {}

CONTEND_ACCESS(read, 1, false)
CONTEND_ACCESS(read, 2, false)
CONTEND_ACCESS(read, 4, false)
CONTEND_ACCESS(read, 8, false)
CONTEND_ACCESS(read, 16, false)
CONTEND_ACCESS(write, 1, true)
CONTEND_ACCESS(write, 2, true)
CONTEND_ACCESS(write, 4, true)
CONTEND_ACCESS(write, 8, true)
CONTEND_ACCESS(write, 16, true)
CONTEND_READ_WRITE(1)
CONTEND_READ_WRITE(2)
CONTEND_READ_WRITE(4)
CONTEND_READ_WRITE(8)
CONTEND_READ_WRITE(16)

void __tsan_read_range(void* address, unsigned long size) {
  if (controlled) touch_memory(address, size, false, CONTEND_CALLER());
}
void __tsan_write_range(void* address, unsigned long size) {
  if (controlled) touch_memory(address, size, true, CONTEND_CALLER());
}

void __tsan_vptr_read(void** address) {
  touch_memory(address, sizeof *address, false, CONTEND_CALLER());
}
// Each constructor and destructor sets the table again; only a changed one is a write.
void __tsan_vptr_update(void** address, void* value) {
  if (*address != value) touch_memory(address, sizeof *address, true, CONTEND_CALLER());
}

void __tsan_func_entry(void* caller) {
  if (!controlled) return;
  Thread& self = scheduler.current();
  const std::uint32_t node =
      self.lost_calls > 0
          ? Contexts::none
          : scheduler.contexts().below(self.context, contend::explore::number(caller));
  if (node == Contexts::none) {
    ++self.lost_calls;
  } else {
    self.context = node;
  }
}

void __tsan_func_exit() {
  if (!controlled) return;
  Thread& self = scheduler.current();
  if (self.lost_calls > 0) {
    --self.lost_calls;
  } else {
    self.context = scheduler.contexts().above(self.context);
  }
}

}  // extern "C"
