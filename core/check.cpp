#include "core/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace contend {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "contend: broken promise at %s:%d: %s\n", file, line, condition);
  std::abort();
}

}  // namespace contend
