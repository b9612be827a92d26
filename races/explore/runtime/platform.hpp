// The few things the runtime asks of the kernel without libc, so that no interposed function and no
// instrumented code is reached from inside a hook.
#pragma once

#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <sys/syscall.h>
#include <unistd.h>

namespace contend::explore {

inline constexpr std::size_t page = 4096;  ///< bytes

inline long kernel(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0,
                   long f = 0) {
  long result = 0;
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

/// Like memcpy and memset, which are interposed and must not be reached from here.
inline void copy_bytes(void* to, const void* from, std::size_t count) {
  asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}
inline void fill_bytes(void* to, int value, std::size_t count) {
  asm volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(value) : "memory");
}

/// Text into a fixed buffer, cut where it ends; always terminated.
inline void copy_text(char* to, std::size_t size, const char* from) {
  std::size_t i = 0;
  for (; i + 1 < size && from[i] != '\0'; ++i) to[i] = from[i];
  to[i] = '\0';
}

/// Whoever debugs the process has it stop here.
inline void stop_for_debugger() {
  kernel(SYS_tgkill, kernel(SYS_getpid), kernel(SYS_gettid), SIGTRAP);
}

/// Prints on stderr and ends the process: the runtime itself cannot go on.
[[noreturn]] void give_up(const char* why);

}  // namespace contend::explore
