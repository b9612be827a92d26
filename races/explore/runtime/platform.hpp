// The few things the runtime asks of the kernel without libc, so that no interposed function and no
// instrumented code is reached from inside a hook.
#pragma once

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <sys/syscall.h>
#include <unistd.h>

namespace contend::explore {

inline constexpr std::size_t page = 4096;  ///< bytes

/// So many bytes are moved before a string instruction has begun.
inline constexpr std::size_t few_bytes = 64;

/// Eight bytes of whatever lies there, wherever they begin.
using AnyWord [[gnu::may_alias, gnu::aligned(1)]] = std::uint64_t;

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

/// A kernel's answer as libc gives it.
inline long result_of(long answer) {
  if (answer >= 0 || answer < -4095) return answer;
  errno = static_cast<int>(-answer);
  return -1;
}

/// Like memcpy and memset, which are interposed and must not be reached from here.
inline void copy_bytes(void* to, const void* from, std::size_t count) {
  if (count > few_bytes) {
    asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
    return;
  }
  auto* into = static_cast<unsigned char*>(to);
  const auto* source = static_cast<const unsigned char*>(from);
  for (; count >= sizeof(AnyWord); count -= sizeof(AnyWord)) {
    *reinterpret_cast<AnyWord*>(into) = *reinterpret_cast<const AnyWord*>(source);
    into += sizeof(AnyWord);
    source += sizeof(AnyWord);
  }
  while (count-- > 0) *into++ = *source++;
}
inline void fill_bytes(void* to, int value, std::size_t count) {
  if (count > few_bytes) {
    asm volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(value) : "memory");
    return;
  }
  const std::uint64_t word = static_cast<unsigned char>(value) * 0x0101010101010101U;
  auto* into = static_cast<unsigned char*>(to);
  for (; count >= sizeof(AnyWord); count -= sizeof(AnyWord)) {
    *reinterpret_cast<AnyWord*>(into) = word;
    into += sizeof(AnyWord);
  }
  while (count-- > 0) *into++ = static_cast<unsigned char>(value);
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
