#include "races/explore/runtime/heap.hpp"

#include <cerrno>
#include <malloc.h>

#include "races/explore/runtime/callers.hpp"
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

void* from_libc(std::size_t size, std::size_t alignment) {
  return alignment <= Heap::granule ? __libc_malloc(size) : __libc_memalign(alignment, size);
}

void* taken(std::size_t size, std::size_t alignment = Heap::granule) {
  return controlled ? heap.take(size, alignment) : from_libc(size, alignment);
}

void* owned(void* block, std::size_t size, std::uint64_t pc, const void* frame) {
  if (controlled && block != nullptr) {
    heap.allocated(block, size, call_in_program(pc, above(frame)));
  }
  return block;
}

// Ends the execution on a second free.
void give_back(void* block, std::uint64_t pc, const void* frame, const char* twice) {
  if (scheduler.detector().is_freed(number(block))) {
    scheduler.heap_error(twice, call_in_program(pc, above(frame)));
  }
  heap.freed(block, pc);
}

}  // namespace

// What libc gives may be used up to eight bytes short of a multiple of the granule; others are not
// kept.
void** Heap::kept_of(std::size_t usable) {
  const std::size_t rank = usable / granule;
  return usable % granule == granule / 2 && rank < kept_sizes ? &kept_[rank] : nullptr;
}

void* Heap::take(std::size_t size, std::size_t alignment) {
  constexpr std::size_t least = granule + granule / 2;
  const std::size_t usable =
      size <= least ? least : (size + granule / 2 - 1) / granule * granule + granule / 2;
  void** kept = kept_of(usable);
  void* block = kept == nullptr ? nullptr : *kept;
  if (block == nullptr || (number(block) & (alignment - 1)) != 0) return from_libc(size, alignment);
  *kept = *static_cast<void**>(block);
  return block;
}

void Heap::allocated(void* block, std::size_t size, std::uint64_t pc) {
  scheduler.detector().forget(number(block), size);
  const Thread& self = scheduler.current();
  scheduler.leaks().blocks().add({.address = number(block),
                                  .size = size,
                                  .pc = pc,
                                  .context = self.context,
                                  .thread = self.id});
}

void Heap::freed(void* block, std::uint64_t pc) {
  Detector& detector = scheduler.detector();
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
  if (void** kept = kept_of(oldest.size)) {
    *static_cast<void**>(oldest.block) = *kept;
    *kept = oldest.block;
  } else {
    __libc_free(oldest.block);
  }
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
  return owned(taken(size), size, CONTEND_CALL());
}

void* calloc(std::size_t count, std::size_t size) {
  return owned(__libc_calloc(count, size), count * size, CONTEND_CALL());
}

void* memalign(std::size_t alignment, std::size_t size) {
  return owned(taken(size, alignment), size, CONTEND_CALL());
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return owned(taken(size, alignment), size, CONTEND_CALL());
}

int posix_memalign(void** into, std::size_t alignment, std::size_t size) {
  if (alignment % sizeof(void*) != 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
  void* block = owned(taken(size, alignment), size, CONTEND_CALL());
  if (block == nullptr) return ENOMEM;
  *into = block;
  return 0;
}

void free(void* block) {
  if (block == nullptr) return;
  if (controlled) {
    give_back(block, CONTEND_CALL(), "double free");
  } else {
    __libc_free(block);
  }
}

// Always to a new place, so that whoever still uses the old one is found.
void* realloc(void* block, std::size_t size) {
  if (!controlled) return __libc_realloc(block, size);
  if (block == nullptr) return owned(heap.take(size), size, CONTEND_CALL());
  if (size == 0) {
    give_back(block, CONTEND_CALL(), "realloc of a freed block");
    return nullptr;
  }
  void* fresh = owned(heap.take(size), size, CONTEND_CALL());
  if (fresh == nullptr) return nullptr;
  const std::size_t before = malloc_usable_size(block);
  copy_bytes(fresh, block, before < size ? before : size);
  give_back(block, CONTEND_CALL(), "realloc of a freed block");
  return fresh;
}

}  // extern "C"
