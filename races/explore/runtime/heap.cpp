#include "races/explore/runtime/heap.hpp"

#include <cerrno>
#include <malloc.h>

#include "races/explore/runtime/hooks.hpp"
#include "races/explore/runtime/platform.hpp"

// libc's own functions under their other names.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* block);
}

namespace contend::explore {

Heap heap;

namespace {

// Of a large block only the beginning is filled and marked as freed.
constexpr std::size_t most_marked = 4096;

std::size_t marked(std::size_t size) {
  return size < most_marked ? size : most_marked;
}

// The stack of the first thread is not ours to know the size of.
constexpr std::uint64_t most_main_stack = std::uint64_t{64} << 20U;
constexpr std::uint64_t most_words_up = 256;

// call REL32, call [RIP + REL32], call REGISTER or through memory.
bool follows_a_call(std::uint64_t pc) {
  const auto* end = reinterpret_cast<const std::uint8_t*>(pc);
  if (end[-5] == 0xe8) return true;
  for (const int length : {2, 3, 4, 6, 7}) {
    if (end[-length] == 0xff && (end[1 - length] & 0x38U) == 0x10) return true;
  }
  return false;
}

// Libraries keep no frame pointers: the nearest word up the stack that is a return into the program
// is where it called the library that allocates for it.
std::uint64_t call_in_program(std::uint64_t pc, const void* frame) {
  if (scheduler.relative(pc) != 0) return pc;
  const Worker& worker = *scheduler.current().worker;
  const std::uint64_t end = worker.stack_end;
  const std::uint64_t begin =
      worker.stack != nullptr ? number(worker.stack) : end - most_main_stack;
  std::uint64_t at = number(frame) + 2 * sizeof pc;  // beyond the saved frame pointer and `pc`
  if (at < begin || at >= end) return 0;             // a stack of the program's own
  for (std::uint64_t words = most_words_up; words > 0 && at < end; --words, at += sizeof pc) {
    std::uint64_t word = 0;
    copy_bytes(&word, reinterpret_cast<const void*>(at), sizeof word);
    if (scheduler.relative(word) != 0 && follows_a_call(word)) return word;
  }
  return 0;
}

void* owned(void* block, std::size_t size, std::uint64_t pc, const void* frame) {
  if (controlled && block != nullptr) heap.allocated(block, size, pc, frame);
  return block;
}

}  // namespace

void Heap::allocated(void* block, std::size_t size, std::uint64_t pc, const void* frame) {
  scheduler.detector().forget(number(block), size);
  const Thread& self = scheduler.current();
  scheduler.leaks().blocks().add({.address = number(block),
                                  .size = size,
                                  .pc = call_in_program(pc, frame),
                                  .context = self.context,
                                  .thread = self.id});
}

void Heap::freed(void* block, std::uint64_t pc) {
  Detector& detector = scheduler.detector();
  if (detector.is_freed(number(block))) scheduler.heap_error("double free");
  scheduler.leaks().blocks().remove(number(block));
  const std::size_t size = malloc_usable_size(block);
  detector.access(scheduler.current(), {number(block), scheduler.shown(pc), true, false, true},
                  marked(size));
  fill_bytes(block, pattern, marked(size));
  while (count_ == held_blocks || (count_ > 0 && bytes_ + size > held_bytes)) let_go();
  held_[(first_ + count_++) % held_blocks] = {block, size};
  bytes_ += size;
}

void Heap::check(const Held& held) const {
  const auto* bytes = static_cast<const std::uint8_t*>(held.block);
  for (std::size_t i = 0; i < marked(held.size); ++i) {
    if (bytes[i] != pattern) scheduler.heap_error("a freed block was written");
  }
}

void Heap::let_go() {
  const Held oldest = held_[first_];
  first_ = (first_ + 1) % held_blocks;
  --count_;
  bytes_ -= oldest.size;
  check(oldest);
  __libc_free(oldest.block);
}

void Heap::let_all_go() {
  while (count_ > 0) let_go();
  first_ = 0;
}

void Heap::check_all() const {
  for (std::uint32_t i = 0; i < count_; ++i) check(held_[(first_ + i) % held_blocks]);
}

}  // namespace contend::explore

using namespace contend::explore;

// Who called, and from which frame up others may be found.
#define CONTEND_CALL() CONTEND_CALLER(), __builtin_frame_address(0)

extern "C" {

void* malloc(std::size_t size) {
  return owned(__libc_malloc(size), size, CONTEND_CALL());
}

void* calloc(std::size_t count, std::size_t size) {
  return owned(__libc_calloc(count, size), count * size, CONTEND_CALL());
}

void* memalign(std::size_t alignment, std::size_t size) {
  return owned(__libc_memalign(alignment, size), size, CONTEND_CALL());
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return owned(__libc_memalign(alignment, size), size, CONTEND_CALL());
}

int posix_memalign(void** into, std::size_t alignment, std::size_t size) {
  if (alignment % sizeof(void*) != 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
  void* block = owned(__libc_memalign(alignment, size), size, CONTEND_CALL());
  if (block == nullptr) return ENOMEM;
  *into = block;
  return 0;
}

void free(void* block) {
  if (block == nullptr) return;
  if (controlled) {
    heap.freed(block, CONTEND_CALLER());
  } else {
    __libc_free(block);
  }
}

// Always to a new place, so that whoever still uses the old one is found.
void* realloc(void* block, std::size_t size) {
  if (!controlled) return __libc_realloc(block, size);
  if (block == nullptr) return owned(__libc_malloc(size), size, CONTEND_CALL());
  if (scheduler.detector().is_freed(number(block)))
    scheduler.heap_error("realloc of a freed block");
  if (size == 0) {
    heap.freed(block, CONTEND_CALLER());
    return nullptr;
  }
  void* fresh = owned(__libc_malloc(size), size, CONTEND_CALL());
  if (fresh == nullptr) return nullptr;
  const std::size_t before = malloc_usable_size(block);
  copy_bytes(fresh, block, before < size ? before : size);
  heap.freed(block, CONTEND_CALLER());
  return fresh;
}

}  // extern "C"
