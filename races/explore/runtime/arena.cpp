#include "races/explore/runtime/arena.hpp"

#include <sys/mman.h>

#include "races/explore/runtime/platform.hpp"

namespace contend::explore {

void give_up(const char* why) {
  std::size_t length = 0;
  while (why[length] != '\0') ++length;
  kernel(SYS_write, 2, reinterpret_cast<long>("contend::explore: "), 18);
  kernel(SYS_write, 2, reinterpret_cast<long>(why), static_cast<long>(length));
  kernel(SYS_write, 2, reinterpret_cast<long>("\n"), 1);
  kernel(SYS_exit_group, 70);
  __builtin_unreachable();
}

namespace {

void* reserve_pages(std::size_t bytes) {
  const long mapped = kernel(SYS_mmap, 0, static_cast<long>(bytes), PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped < 0 && mapped > -4096) give_up("out of memory");
  return reinterpret_cast<void*>(mapped);
}

}  // namespace

// One mapping for all: a fork copies the list of mappings.
void* map_pages(std::size_t bytes) {
  constexpr std::size_t all = std::size_t{4} << 30U;
  static std::byte* next = nullptr;
  static std::size_t left = 0;
  bytes = (bytes + 4095U) & ~std::size_t{4095};
  if (next == nullptr) {
    next = static_cast<std::byte*>(reserve_pages(all));
    left = all;
  }
  if (bytes > left) give_up("out of memory");
  void* pages = next;
  next += bytes;
  left -= bytes;
  return pages;
}

void share_pages(void* at, std::size_t bytes) {
  const long mapped =
      kernel(SYS_mmap, reinterpret_cast<long>(at), static_cast<long>(bytes), PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  if (mapped < 0 && mapped > -4096) give_up("out of memory");
}

void Arena::reserve(std::size_t bytes) {
  begin_ = static_cast<std::byte*>(map_pages(bytes));
  size_ = bytes;
  used_ = 0;
}

void* Arena::take(std::size_t bytes) {
  bytes = (bytes + 15U) & ~std::size_t{15};
  if (bytes > size_ - used_) give_up("this execution touches more memory than can be watched");
  void* taken = begin_ + used_;
  used_ += bytes;
  return taken;
}

}  // namespace contend::explore
