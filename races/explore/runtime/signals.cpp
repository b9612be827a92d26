#include "races/explore/runtime/signals.hpp"

#include <cstdint>

#include "races/explore/runtime/platform.hpp"

extern "C" void contend_return_from_handler();

// Byte for byte what unwinders know the frame of a signal by.
asm(R"(
.text
.type contend_return_from_handler, @function
contend_return_from_handler:
  movq $15, %rax
  syscall
)");

namespace contend::explore {
namespace {

// What rt_sigaction takes; libc's struct is another.
struct KernelAction {
  void (*handler)(int, siginfo_t*, void*);
  unsigned long flags;
  void (*restorer)();
  std::uint64_t mask;
};
constexpr unsigned long has_restorer = 0x04000000;

}  // namespace

bool handle_signal(int signal, void (*handler)(int, siginfo_t*, void*), unsigned long flags) {
  const KernelAction action{handler, SA_SIGINFO | SA_ONSTACK | has_restorer | flags,
                            contend_return_from_handler, 0};
  return kernel(SYS_rt_sigaction, signal, reinterpret_cast<long>(&action), 0, sizeof action.mask) ==
         0;
}

}  // namespace contend::explore
