#include "core/print.hpp"

#include <cerrno>

namespace contend {

Expected<void> print(std::FILE* stream, std::string_view text) {
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stream) == text.size() && std::fflush(stream) == 0;
  if (!written) return errno_error("writing to standard output", errno);
  return {};
}

}  // namespace contend
