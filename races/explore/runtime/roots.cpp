#include "races/explore/runtime/roots.hpp"

#include <cstring>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <unistd.h>

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

// What was never handed out lies behind it.
std::uint64_t top_of_heap() {
  return reinterpret_cast<std::uint64_t>(sbrk(0)) - mallinfo2().keepcost;
}

int count_module(dl_phdr_info*, std::size_t, void* count) {
  ++*static_cast<std::size_t*>(count);
  return 0;
}

struct Later {
  std::size_t known;
  void (*look)(Range);
};

// The dynamic linker tells of modules in the order in which they came.
int look_at_later(dl_phdr_info* info, std::size_t, void* what) {
  auto& later = *static_cast<Later*>(what);
  if (later.known > 0) {
    --later.known;
    return 0;
  }
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    const std::uint64_t begin = info->dlpi_addr + part.p_vaddr;
    if (part.p_type == PT_LOAD && (part.p_flags & PF_W) != 0) {
      later.look({begin, begin + part.p_memsz});
    }
  }
  return 0;
}

}  // namespace

void Roots::begin() {
  constexpr std::size_t most_text = std::size_t{1} << 20U;
  auto* text = static_cast<char*>(map_pages(most_text));
  const long file = kernel(SYS_open, reinterpret_cast<long>("/proc/self/maps"), O_RDONLY);
  if (file < 0) give_up("/proc/self/maps cannot be read");
  std::size_t length = 0;
  for (long got = 1; got > 0 && length + 1 < most_text; length += static_cast<std::size_t>(got)) {
    got = kernel(SYS_read, file, reinterpret_cast<long>(text + length),
                 static_cast<long>(most_text - 1 - length));
    if (got < 0) got = 0;
  }
  kernel(SYS_close, file);
  for (const char* line = text; *line != '\0';) {
    note_line(line);
    while (*line != '\0' && *line++ != '\n') {
    }
  }
  dl_iterate_phdr(count_module, &modules_);
}

// BEGIN-END rw-p … NAME
void Roots::note_line(const char* line) {
  Range range;
  range.begin = hexadecimal(line);
  range.end = hexadecimal(++line);
  if (std::strncmp(line, " rw-p", 5) != 0) return;
  while (*line != '\n' && *line != '[') ++line;
  if (std::strncmp(line, "[stack]", 7) == 0) {
    stack_end_ = range.end;
  } else {
    if (std::strncmp(line, "[heap]", 6) == 0) range.end = top_of_heap();
    add(range);
  }
}

void Roots::add(Range range) {
  if (range.begin >= range.end) return;
  if (count_ == most_ranges) give_up("the program has more mappings than can be watched");
  ranges_[count_++] = range;
}

void Roots::leave_out(Range own) {
  for (std::size_t i = count_; i-- > 0;) {
    const Range whole = ranges_[i];
    if (own.end <= whole.begin || own.begin >= whole.end) continue;
    ranges_[i] = ranges_[--count_];
    add({whole.begin, own.begin});
    add({own.end, whole.end});
  }
}

void Roots::each(void (*look)(Range)) const {
  for (std::size_t i = 0; i < count_; ++i) look(ranges_[i]);
  Later later{modules_, look};
  dl_iterate_phdr(look_at_later, &later);
}

}  // namespace contend::explore
