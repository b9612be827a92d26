// What every hook does first: where it was called from, and whether control is on at all.
#pragma once

#include <cstdint>

#include "races/explore/runtime/scheduler.hpp"

// The call site in the program: the hook's own return address.
#define CONTEND_CALLER() reinterpret_cast<std::uint64_t>(__builtin_return_address(0))

namespace contend::explore {

/// One access by compiled code: a choice point if its place is known to race, then a race check.
void touch_memory(const void* address, std::uint64_t size, bool write, std::uint64_t pc);

/// The same for a library function that reads or writes a whole block: no choice point.
void touch_block(const void* address, std::uint64_t size, bool write, std::uint64_t pc);

inline std::uint64_t number(const volatile void* address) {
  return reinterpret_cast<std::uint64_t>(address);
}

}  // namespace contend::explore
