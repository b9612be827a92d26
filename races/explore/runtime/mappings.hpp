// The memory of this process as the kernel lists it.
#pragma once

#include <cstdint>

namespace contend::explore {

struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// Memory that is this process's own to write.
struct Mapping {
  Range range;
  const char* name =
      nullptr;  ///< up to the end of the line: a path, "[heap]", "[stack]" or nothing

  bool is_called(const char* text) const;
};

/// Calls `look` for each.
void each_mapping(void (*look)(const Mapping&, void* with), void* with);

}  // namespace contend::explore
