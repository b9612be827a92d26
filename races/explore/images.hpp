// The shared libraries of a running program that were compiled for ThreadSanitizer, as it was.
#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace contend::explore {

/// A file in memory. An address in it, less `shift`, is what the file calls it.
struct Image {
  std::string path;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t shift = 0;
};

/// Empty if the process is gone.
std::vector<Image> instrumented_libraries(pid_t process);

}  // namespace contend::explore
