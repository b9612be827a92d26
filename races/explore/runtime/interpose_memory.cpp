// The block functions of the C library, which compilers and libraries call: race-checked as the
// accesses they are, no choice points.
#include <cstring>

#include "races/explore/runtime/hooks.hpp"
#include "races/explore/runtime/platform.hpp"

using namespace contend::explore;

extern "C" {

void* memcpy(void* to, const void* from, std::size_t size) noexcept {
  if (controlled) {
    touch_block(from, size, false, CONTEND_CALLER());
    touch_block(to, size, true, CONTEND_CALLER());
  }
  copy_bytes(to, from, size);
  return to;
}

void* memmove(void* to, const void* from, std::size_t size) noexcept {
  if (controlled) {
    touch_block(from, size, false, CONTEND_CALLER());
    touch_block(to, size, true, CONTEND_CALLER());
  }
  if (number(to) - number(from) >= size) {
    copy_bytes(to, from, size);
  } else {
    auto* bytes = static_cast<char*>(to);
    const auto* source = static_cast<const char*>(from);
    for (std::size_t i = size; i-- > 0;) bytes[i] = source[i];
  }
  return to;
}

void* memset(void* to, int value, std::size_t size) noexcept {
  if (controlled) touch_block(to, size, true, CONTEND_CALLER());
  fill_bytes(to, value, size);
  return to;
}

}  // extern "C"
