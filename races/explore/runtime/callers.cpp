#include "races/explore/runtime/callers.hpp"

#include <dlfcn.h>
#include <unwind.h>

#include "races/explore/runtime/hooks.hpp"
#include "races/explore/runtime/platform.hpp"

// The runtime's code is linked into the program, in a section of its own: the linker names its
// ends.
extern "C" const char __start_contend_explore_text;
extern "C" const char __stop_contend_explore_text;

namespace contend::explore {
namespace {

// The stack of the first thread is not ours to know the size of.
constexpr std::uint64_t most_main_stack = std::uint64_t{64} << 20U;
constexpr std::uint64_t most_words_up = 256;

bool is_the_programs(std::uint64_t pc) {
  const bool ours =
      pc >= number(&__start_contend_explore_text) && pc < number(&__stop_contend_explore_text);
  return !ours && scheduler.relative(pc) != 0;
}

// call REL32, call [RIP + REL32], call REGISTER or through memory.
bool follows_a_call(std::uint64_t pc) {
  const auto* end = reinterpret_cast<const std::uint8_t*>(pc);
  if (end[-5] == 0xe8) return true;
  for (const int length : {2, 3, 4, 6, 7}) {
    if (end[-length] == 0xff && (end[1 - length] & 0x38U) == 0x10) return true;
  }
  return false;
}

// The program may be plain C, which is not linked with it.
decltype(&_Unwind_Backtrace) walk = nullptr;
decltype(&_Unwind_GetIP) place_of = nullptr;

_Unwind_Reason_Code note_if_the_programs(_Unwind_Context* frame, void* found) {
  const std::uint64_t pc = place_of(frame);
  if (!is_the_programs(pc)) return _URC_NO_REASON;
  *static_cast<std::uint64_t*>(found) = pc;
  return _URC_NORMAL_STOP;
}

}  // namespace

void prepare_unwinding() {
  void* library = dlopen("libgcc_s.so.1", RTLD_LAZY);
  if (library == nullptr) return;
  walk = reinterpret_cast<decltype(walk)>(dlsym(library, "_Unwind_Backtrace"));
  place_of = reinterpret_cast<decltype(place_of)>(dlsym(library, "_Unwind_GetIP"));
}

std::uint64_t interrupted_call() {
  std::uint64_t found = 0;
  if (walk != nullptr && place_of != nullptr) walk(note_if_the_programs, &found);
  return found;
}

std::uint64_t call_in_program(std::uint64_t pc, std::uint64_t at) {
  if (is_the_programs(pc)) return pc;
  const Worker& worker = *scheduler.current().worker;
  const std::uint64_t end = worker.stack_end;
  const std::uint64_t begin =
      worker.stack != nullptr ? number(worker.stack) : end - most_main_stack;
  if (at < begin || at >= end) return 0;  // a stack of the program's own
  for (std::uint64_t words = most_words_up; words > 0 && at < end; --words, at += sizeof pc) {
    std::uint64_t word = 0;
    copy_bytes(&word, reinterpret_cast<const void*>(at), sizeof word);
    if (is_the_programs(word) && follows_a_call(word)) return word;
  }
  return 0;
}

}  // namespace contend::explore
