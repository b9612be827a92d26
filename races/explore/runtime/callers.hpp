// Where in the program a call into a library came from. Libraries keep no frame pointers, and the
// tree of contexts knows only the calls between instrumented functions.
#pragma once

#include <cstdint>

namespace contend::explore {

/// `pc` if it is the program's own code, else the nearest word on the current thread's stack, from
/// `at` upwards, that is a return into it: the program, without this runtime. 0 if there is none.
std::uint64_t call_in_program(std::uint64_t pc, std::uint64_t at);

/// What lies beyond the saved frame pointer and the return address of `frame`.
inline std::uint64_t above(const void* frame) {
  return reinterpret_cast<std::uint64_t>(frame) + 2 * sizeof(std::uint64_t);
}

/// Loads the compiler's unwinder; without it interrupted_call() knows nothing.
void prepare_unwinding();

/// In a signal handler: where in the program the thread was, or called the library that it was in.
/// Exact and slow. 0 if a frame on the way cannot be unwound.
std::uint64_t interrupted_call();

}  // namespace contend::explore
