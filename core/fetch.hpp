// What is going to be needed, into the cache meanwhile: of a thousand connections hardly one is in
// it when its turn comes, and who tells them knows who is next.
#pragma once

#include <cstddef>

namespace contend {

/// What stands around this object, mostly parts of the same one; where there is none, nothing.
inline void fetch(const void* object) {
  if (object == nullptr) return;
  constexpr std::ptrdiff_t line = 64;  // bytes
  constexpr std::ptrdiff_t before = 3, after = 9;
  const auto* bytes = static_cast<const char*>(object);
  for (std::ptrdiff_t i = -before; i < after; ++i) __builtin_prefetch(bytes + i * line);
}

}  // namespace contend
