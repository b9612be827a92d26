#include "races/explore/runtime/blocks.hpp"

#include "races/explore/runtime/arena.hpp"

namespace contend::explore {

void Blocks::begin() {
  blocks_ = static_cast<Block*>(map_pages(std::size_t{most_blocks} * sizeof(Block)));
  sorted_ = static_cast<std::uint32_t*>(map_pages(most_blocks * sizeof(std::uint32_t)));
  heads_ = static_cast<Head*>(map_pages(buckets * sizeof(Head)));
}

void Blocks::forget_all() {
  ++run_;
  used_ = 1;
  free_ = 0;
  overflowed_ = false;
  next_execution();
}

void Blocks::next_execution() {
  ++execution_;
  fresh_ = 0;
}

// Not mixed further: blocks near each other share pages of the table.
Blocks::Head& Blocks::head(std::uint64_t address) {
  Head& found = heads_[(address >> 4U) % buckets];
  if (found.run != run_) found = {0, run_};
  return found;
}

void Blocks::add(const Block& block) {
  std::uint32_t index = free_;
  if (index != 0) {
    free_ = blocks_[index].next;
  } else if (used_ == most_blocks) {
    overflowed_ = true;
    return;
  } else {
    index = used_++;
  }
  Head& chain = head(block.address);
  blocks_[index] = block;
  blocks_[index].execution = execution_;
  blocks_[index].next = chain.first;
  chain.first = index;
  ++fresh_;
}

void Blocks::remove(std::uint64_t address) {
  for (std::uint32_t* link = &head(address).first; *link != 0; link = &blocks_[*link].next) {
    const std::uint32_t index = *link;
    Block& block = blocks_[index];
    if (block.address != address) continue;
    if (is_fresh(block)) --fresh_;
    *link = block.next;
    block.address = 0;
    block.next = free_;
    free_ = index;
    return;
  }
}

// Down the heap of the first `count` ranks, whose root is the highest.
void Blocks::sink(std::uint32_t rank, std::uint32_t count) {
  const std::uint32_t sinking = sorted_[rank];
  for (std::uint32_t child = 2 * rank + 1; child < count; child = 2 * rank + 1) {
    if (child + 1 < count && at(child).address < at(child + 1).address) ++child;
    if (at(child).address <= blocks_[sinking].address) break;
    sorted_[rank] = sorted_[child];
    rank = child;
  }
  sorted_[rank] = sinking;
}

// A heap sort: no recursion, no room of its own.
void Blocks::sort() {
  sorted_count_ = 0;
  for (std::uint32_t i = 1; i < used_; ++i) {
    if (blocks_[i].address == 0) continue;
    blocks_[i].reached = false;
    blocks_[i].pointed_at = false;
    sorted_[sorted_count_++] = i;
  }
  for (std::uint32_t i = sorted_count_ / 2; i-- > 0;) sink(i, sorted_count_);
  for (std::uint32_t last = sorted_count_; last-- > 1;) {
    const std::uint32_t highest = sorted_[0];
    sorted_[0] = sorted_[last];
    sorted_[last] = highest;
    sink(0, last);
  }
  if (sorted_count_ == 0) return;
  lowest_ = at(0).address;
  span_ = at(sorted_count_ - 1).address + at(sorted_count_ - 1).size - lowest_;
}

Block* Blocks::search(std::uint64_t address) {
  std::uint32_t low = 0;
  for (std::uint32_t high = sorted_count_; high - low > 1;) {
    const std::uint32_t middle = low + (high - low) / 2;
    (at(middle).address <= address ? low : high) = middle;
  }
  Block& below = at(low);
  return address - below.address <= below.size ? &below : nullptr;
}

}  // namespace contend::explore
