#include "races/explore/print.hpp"

#include <cerrno>
#include <cstdio>

namespace contend::explore {

Expected<void> print(const std::string& text) {
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) return errno_error("writing to standard output", errno);
  return {};
}

}  // namespace contend::explore
