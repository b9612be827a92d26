#include "races/explore/runtime/worker.hpp"

#include <asm/prctl.h>
#include <atomic>
#include <cerrno>
#include <link.h>
#include <linux/futex.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "races/explore/runtime/platform.hpp"
#include "races/explore/runtime/real.hpp"

// Saves what a call must keep, changes the stack, at will the thread pointer, and returns on the
// other side. The second one is for kernels that keep wrfsbase to themselves.
asm(R"(
.text
.macro contend_leave
  push %rbp
  push %rbx
  push %r12
  push %r13
  push %r14
  push %r15
  mov %rsp, (%rdi)
  mov %rsi, %rsp
.endm
.macro contend_arrive
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbx
  pop %rbp
  ret
.endm
.type contend_switch_fast, @function
contend_switch_fast:
  contend_leave
  wrfsbase %rdx
  contend_arrive
.type contend_switch_slow, @function
contend_switch_slow:
  contend_leave
  mov $158, %eax
  mov $0x1002, %edi
  mov %rdx, %rsi
  syscall
  contend_arrive
.type contend_switch_stack, @function
contend_switch_stack:
  contend_leave
  contend_arrive
)");

extern "C" {
void contend_switch_fast(std::uint64_t* save, std::uint64_t load, std::uint64_t identity);
void contend_switch_slow(std::uint64_t* save, std::uint64_t load, std::uint64_t identity);
void contend_switch_stack(std::uint64_t* save, std::uint64_t load);
}

namespace contend::explore {
namespace {

constexpr std::uint64_t below_sleeper = 1024;  ///< its own frame lies above
constexpr std::uint64_t fsgsbase_bit = 2;

// In the first page, which is never mapped: whoever looks at itself through it faults.
constexpr std::uint64_t nobody = 2048;

Worker* current = nullptr;  ///< who was switched to last
bool withholding = false;
bool is_somebody = true;  ///< the thread pointer is that of `current`

std::uint64_t thread_pointer() {
  std::uint64_t value = 0;
  asm("mov %%fs:0, %0" : "=r"(value));
  return value;
}

struct Sleeper {
  Worker* worker;
  std::atomic<std::uint32_t> ready{0};  ///< pairs with the wait in make_worker
};

// No signal may run on this stack any more: it belongs to the fiber.
void* sleep_for_ever(void* argument) {
  auto& sleeper = *static_cast<Sleeper*>(argument);
  Worker& worker = *sleeper.worker;
  const std::uint64_t every_signal = ~0ULL;
  kernel(SYS_rt_sigprocmask, 0, reinterpret_cast<long>(&every_signal), 0, sizeof every_signal);
  worker.identity = thread_pointer();
  worker.kernel_id = static_cast<std::int32_t>(kernel(SYS_gettid));
  worker.top = (reinterpret_cast<std::uint64_t>(&every_signal) - below_sleeper) & ~15ULL;
  sleeper.ready.store(1, std::memory_order_release);
  kernel(SYS_futex, reinterpret_cast<long>(&sleeper.ready), FUTEX_WAKE_PRIVATE, 1);
  for (;;) kernel(SYS_pause);
}

struct ThreadLocals {
  const void* image = nullptr;
  std::size_t filled = 0;
  std::size_t size = 0;
  std::size_t below = 0;
};

// The program itself is the first that the dynamic linker tells of.
int look_at_program(dl_phdr_info* info, std::size_t, void* into) {
  auto& found = *static_cast<ThreadLocals*>(into);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    if (part.p_type != PT_TLS) continue;
    const std::size_t mask = (part.p_align == 0 ? 1 : part.p_align) - 1;
    const std::size_t first = (~part.p_vaddr + 1) & mask;
    found.image = reinterpret_cast<const void*>(info->dlpi_addr + part.p_vaddr);
    found.filled = part.p_filesz;
    found.size = part.p_memsz;
    found.below = ((part.p_memsz - first + mask) & ~mask) + first;
  }
  return 1;
}

ThreadLocals find_thread_locals() {
  ThreadLocals found;
  dl_iterate_phdr(look_at_program, &found);
  return found;
}

[[noreturn]] void arrive() {
  current->body(*current);
  __builtin_unreachable();
}

}  // namespace

void adopt(Worker& worker) {
  worker.identity = thread_pointer();
  worker.handle = pthread_self();
  worker.kernel_id = static_cast<std::int32_t>(kernel(SYS_gettid));
}

int make_worker(Worker& worker, std::size_t stack_size) {
  const std::size_t size = (stack_size + page - 1) & ~(page - 1);
  const long mapped = kernel(SYS_mmap, 0, static_cast<long>(size + page), PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (mapped < 0 && mapped > -4096) return EAGAIN;
  kernel(SYS_mprotect, mapped, page, PROT_NONE);
  worker.stack = reinterpret_cast<std::byte*>(mapped) + page;
  worker.stack_size = size;
  worker.stack_end = reinterpret_cast<std::uint64_t>(worker.stack) + size;
  Sleeper sleeper{&worker};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstack(&attributes, worker.stack, size);
  const int failed = real().pthread_create(&worker.handle, &attributes, sleep_for_ever, &sleeper);
  pthread_attr_destroy(&attributes);
  while (failed == 0 && sleeper.ready.load(std::memory_order_acquire) == 0) {
    kernel(SYS_futex, reinterpret_cast<long>(&sleeper.ready), FUTEX_WAIT_PRIVATE, 0);
  }
  return failed;
}

// What contend_switch pops: six registers, then the address to return to, with the stack as it is
// right after a call.
void begin_worker(Worker& worker, void (*body)(Worker&)) {
  worker.body = body;
  auto* frame = reinterpret_cast<std::uint64_t*>(worker.top);
  *--frame = 0;
  *--frame = reinterpret_cast<std::uint64_t>(&arrive);
  for (int i = 0; i < 6; ++i) *--frame = 0;
  worker.stack_pointer = reinterpret_cast<std::uint64_t>(frame);
}

// Where the ABI puts them: below the thread pointer, by as much as the alignment asks for.
void renew_thread_locals(const Worker& worker) {
  static const ThreadLocals own = find_thread_locals();
  if (own.size == 0) return;
  auto* block = reinterpret_cast<std::byte*>(worker.identity - own.below);
  copy_bytes(block, own.image, own.filled);
  fill_bytes(block + own.filled, 0, own.size - own.filled);
}

void switch_worker(Worker& from, Worker& to) {
  static const bool fast = (getauxval(AT_HWCAP2) & fsgsbase_bit) != 0;
  current = &to;
  if (fast) {
    contend_switch_fast(&from.stack_pointer, to.stack_pointer, to.identity);
  } else if (!withholding) {
    contend_switch_slow(&from.stack_pointer, to.stack_pointer, to.identity);
  } else if (is_somebody) {
    is_somebody = false;
    contend_switch_slow(&from.stack_pointer, to.stack_pointer, nobody);
  } else {
    contend_switch_stack(&from.stack_pointer, to.stack_pointer);
  }
}

void withhold_identities() {
  withholding = true;
}

bool give_identity() {
  if (is_somebody) return false;
  is_somebody = true;
  kernel(SYS_arch_prctl, ARCH_SET_FS, static_cast<long>(current->identity));
  return true;
}

void give_identities() {
  withholding = false;
  give_identity();
}

}  // namespace contend::explore
