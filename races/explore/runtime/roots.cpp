#include "races/explore/runtime/roots.hpp"

#include <link.h>
#include <malloc.h>
#include <unistd.h>

#include "races/explore/runtime/arena.hpp"
#include "races/explore/runtime/platform.hpp"

namespace contend::explore {
namespace {

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
  each_mapping(
      [](const Mapping& mapping, void* roots) { static_cast<Roots*>(roots)->note(mapping); }, this);
  dl_iterate_phdr(count_module, &modules_);
}

void Roots::note(const Mapping& mapping) {
  if (mapping.is_called("[stack]")) {
    stack_end_ = mapping.range.end;
  } else if (mapping.is_called("[heap]")) {
    add({mapping.range.begin, top_of_heap()});
  } else {
    add(mapping.range);
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
