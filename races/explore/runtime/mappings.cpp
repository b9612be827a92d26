#include "races/explore/runtime/mappings.hpp"

#include <cstring>
#include <fcntl.h>

#include "races/explore/runtime/arena.hpp"
#include "races/explore/runtime/platform.hpp"

namespace contend::explore {
namespace {

std::uint64_t hexadecimal(const char*& text) {
  std::uint64_t value = 0;
  for (;; ++text) {
    const char digit = *text;
    if (digit >= '0' && digit <= '9') {
      value = value * 16 + static_cast<std::uint64_t>(digit - '0');
    } else if (digit >= 'a' && digit <= 'f') {
      value = value * 16 + static_cast<std::uint64_t>(digit - 'a' + 10);
    } else {
      return value;
    }
  }
}

const char* read_list() {
  constexpr std::size_t most_text = std::size_t{1} << 20U;
  static char* const text = static_cast<char*>(map_pages(most_text));
  const long file = kernel(SYS_open, reinterpret_cast<long>("/proc/self/maps"), O_RDONLY);
  if (file < 0) give_up("/proc/self/maps cannot be read");
  std::size_t length = 0;
  for (long got = 1; got > 0 && length + 1 < most_text; length += static_cast<std::size_t>(got)) {
    got = kernel(SYS_read, file, reinterpret_cast<long>(text + length),
                 static_cast<long>(most_text - 1 - length));
    if (got < 0) got = 0;
  }
  text[length] = '\0';
  kernel(SYS_close, file);
  return text;
}

}  // namespace

bool Mapping::is_called(const char* text) const {
  return std::strncmp(name, text, std::strlen(text)) == 0;
}

// BEGIN-END rw-p OFFSET DEVICE INODE      NAME
void each_mapping(void (*look)(const Mapping&, void* with), void* with) {
  for (const char* line = read_list(); *line != '\0';) {
    Mapping mapping;
    mapping.range.begin = hexadecimal(line);
    mapping.range.end = hexadecimal(++line);
    const bool is_ours = std::strncmp(line, " rw-p", 5) == 0;
    while (*line != '\n' && *line != '[' && *line != '/') ++line;
    mapping.name = line;
    if (is_ours) look(mapping, with);
    while (*line != '\0' && *line++ != '\n') {
    }
  }
}

}  // namespace contend::explore
