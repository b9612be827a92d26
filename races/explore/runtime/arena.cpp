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

void* map_pages(std::size_t bytes) {
  const long mapped = kernel(SYS_mmap, 0, static_cast<long>(bytes), PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped < 0 && mapped > -4096) give_up("out of memory");
  return reinterpret_cast<void*>(mapped);
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
