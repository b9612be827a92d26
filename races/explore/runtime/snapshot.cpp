#include "races/explore/runtime/snapshot.hpp"

#include <sys/mman.h>

#include "races/explore/runtime/arena.hpp"
#include "races/explore/runtime/mappings.hpp"
#include "races/explore/runtime/platform.hpp"
#include "races/explore/runtime/worker.hpp"

namespace contend::explore {
namespace {

constexpr std::size_t most_copies = std::size_t{1} << 14U;  ///< 64 MiB
constexpr std::size_t most_pages = std::size_t{1} << 23U;   ///< of all mappings, touched or not
constexpr std::size_t most_parts = 8192;                    ///< each thread's stack is one
constexpr std::size_t own_stack = std::size_t{64} << 10U;
constexpr std::size_t few_pages = 256;  ///< cheaper to clear than to ask the kernel for new ones

using Page = std::byte[page];

struct Part {
  Page* pages;
  std::size_t count;
  bool is_of_file;         ///< each page has its contents, touched or not
  unsigned char* present;  ///< of each page, when it was kept
  Page* copies;            ///< of those that were
};

/// In memory that is not given back.
struct Snapshot {
  Worker program;  ///< waits in keep_memory
  Worker keeper;   ///< on a stack of its own, which is not given back either
  Worker last;     ///< who had enough
  Part parts[most_parts];
  std::size_t part_count;
  std::size_t page_count;
  std::size_t copy_count;
  bool is_too_much;
  std::uint64_t stack_begin;
  std::uint64_t heap_end;
  Page copies[most_copies];
  unsigned char present[most_pages];
  unsigned char present_now[most_pages];
};

Snapshot* snapshot = nullptr;

void add(const Mapping& mapping, void*) {
  if (mapping.is_called("[stack]")) snapshot->stack_begin = mapping.range.begin;
  const std::size_t count = (mapping.range.end - mapping.range.begin) / page;
  if (snapshot->part_count == most_parts || count > most_pages - snapshot->page_count) {
    snapshot->is_too_much = true;
    return;
  }
  snapshot->parts[snapshot->part_count++] = {reinterpret_cast<Page*>(mapping.range.begin), count,
                                             mapping.is_called("/"),
                                             &snapshot->present[snapshot->page_count], nullptr};
  snapshot->page_count += count;
}

// Of memory without a file: which pages anybody has touched.
void look_for_pages(const Part& part, unsigned char* present) {
  const long failed = kernel(SYS_mincore, reinterpret_cast<long>(part.pages),
                             static_cast<long>(part.count * page), reinterpret_cast<long>(present));
  if (failed != 0) give_up("memory has gone that was there");
}

void copy_page(Page& to, const Page& from) {
  copy_bytes(to, from, page);
}

bool is_same(const Page& one, const Page& other) {
  using Word [[gnu::may_alias]] = std::uint64_t;
  const auto* a = reinterpret_cast<const Word*>(one);
  const auto* b = reinterpret_cast<const Word*>(other);
  Word difference = 0;
  for (std::size_t i = 0; i < page / sizeof(Word); ++i) difference |= a[i] ^ b[i];
  return difference == 0;
}

bool is_present(unsigned char of_page) {
  return (of_page & 1U) != 0;
}

void keep(Part& part) {
  if (part.is_of_file) {
    fill_bytes(part.present, 1, part.count);
  } else {
    look_for_pages(part, part.present);
  }
  part.copies = &snapshot->copies[snapshot->copy_count];
  for (std::size_t i = 0; i < part.count; ++i) {
    if (!is_present(part.present[i])) continue;
    if (snapshot->copy_count == most_copies) {
      snapshot->is_too_much = true;
      return;
    }
    copy_page(snapshot->copies[snapshot->copy_count++], part.pages[i]);
  }
}

// As the kernel gives them out.
void clear(Page* pages, std::size_t count) {
  if (count <= few_pages) {
    fill_bytes(pages, 0, count * page);
  } else {
    kernel(SYS_madvise, reinterpret_cast<long>(pages), static_cast<long>(count * page),
           MADV_DONTNEED);
  }
}

void give_back(const Part& part) {
  unsigned char* const now = snapshot->present_now;
  if (!part.is_of_file) look_for_pages(part, now);
  const Page* copy = part.copies;
  std::size_t fresh = 0;  ///< how many before this one were touched since
  for (std::size_t i = 0; i < part.count; ++i) {
    const bool was = is_present(part.present[i]);
    if (!was && is_present(now[i])) {
      ++fresh;
      continue;
    }
    if (fresh > 0) clear(&part.pages[i - fresh], fresh);
    fresh = 0;
    if (!was) continue;
    // A page that is only read stays shared with the server.
    if (!is_same(part.pages[i], *copy)) copy_page(part.pages[i], *copy);
    ++copy;
  }
  if (fresh > 0) clear(&part.pages[part.count - fresh], fresh);
}

void keep_and_give_back(Worker&) {
  snapshot->heap_end = static_cast<std::uint64_t>(kernel(SYS_brk));
  for (std::size_t i = 0; i < snapshot->part_count; ++i) keep(snapshot->parts[i]);
  Snapshot& all = *snapshot;
  for (;;) {
    switch_worker(all.keeper, all.program);
    kernel(SYS_brk, static_cast<long>(all.heap_end));
    for (std::size_t i = 0; i < all.part_count; ++i) give_back(all.parts[i]);
  }
}

}  // namespace

bool keep_memory() {
  snapshot = static_cast<Snapshot*>(map_pages(sizeof(Snapshot)));
  snapshot->part_count = 0;
  snapshot->page_count = 0;
  snapshot->copy_count = 0;
  snapshot->is_too_much = false;
  each_mapping(add, nullptr);
  if (snapshot->is_too_much) return false;
  adopt(snapshot->program);
  adopt(snapshot->keeper);
  snapshot->keeper.top =
      reinterpret_cast<std::uint64_t>(static_cast<std::byte*>(map_pages(own_stack)) + own_stack);
  begin_worker(snapshot->keeper, keep_and_give_back);
  switch_worker(snapshot->program, snapshot->keeper);
  return !snapshot->is_too_much;
}

bool can_bring_back() {
  unsigned char present = 0;
  return kernel(SYS_mincore, static_cast<long>(snapshot->stack_begin - page), page,
                reinterpret_cast<long>(&present)) != 0;
}

void bring_back() {
  switch_worker(snapshot->last, snapshot->keeper);
  __builtin_unreachable();
}

}  // namespace contend::explore
