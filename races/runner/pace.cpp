#include "races/runner/pace.hpp"

#include <chrono>

#if defined(__x86_64__)
#include <cpuid.h>
#include <x86intrin.h>
#endif

namespace contend::races {

#if defined(__x86_64__)

bool has_common_ticks() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned power_management = 0x80000007;
  constexpr unsigned invariant_counter = 1u << 8;
  return __get_cpuid(power_management, &a, &b, &c, &d) != 0 && (d & invariant_counter) != 0;
}

std::uint64_t ticks() {
  return __rdtsc();
}

#else

bool has_common_ticks() {
  return false;
}

std::uint64_t ticks() {
  return 0;
}

#endif

std::uint64_t ticks_per_microsecond() {
  using Clock = std::chrono::steady_clock;
  const auto from = Clock::now();
  const std::uint64_t first = ticks();
  const auto until = from + std::chrono::milliseconds(2);
  auto now = from;
  while (now < until) now = Clock::now();
  const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(now - from).count();
  return (ticks() - first) / static_cast<std::uint64_t>(passed);
}

}  // namespace contend::races
