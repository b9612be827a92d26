#include "races/explore/runtime/shadow.hpp"

#include "races/explore/runtime/platform.hpp"

namespace contend::explore {

void Shadow::begin() {
  pages_ = static_cast<Page*>(map_pages(table_size * sizeof(Page)));
  cells_.reserve(std::size_t{1} << 30U);
  remembered_ =
      static_cast<Remembered*>(map_pages(std::size_t{most_remembered} * sizeof(Remembered)));
}

void Shadow::next_execution() {
  ++run_;
  used_ = 1;
  free_ = 0;
  last_number_ = ~0ULL;
  if (page_count_ < table_size / 4) return;
  for (std::uint32_t i = 0; i < table_size; ++i) pages_[i] = Page{};
  page_count_ = 0;
  cells_.rewind();
}

Shadow::Page& Shadow::slot(std::uint64_t number) {
  std::uint64_t at = number & (table_size - 1);  // neighbours share pages of the table
  while (pages_[at].number != number && pages_[at].number != 0) at = (at + 1) & (table_size - 1);
  return pages_[at];
}

Shadow::Cell& Shadow::cell(std::uint64_t address) {
  const std::uint64_t number = address >> 12U;
  if (number != last_number_) {
    Page& page = slot(number);
    if (page.number == 0) {
      if (++page_count_ > table_size / 4 * 3) give_up("the program touches more than 384 MiB");
      page = {number, cells_.array<Cell>(cells_in_page)};
    }
    last_number_ = number;
    last_cells_ = page.cells;
  }
  Cell& found = last_cells_[(address >> 3U) & (cells_in_page - 1)];
  if (found.run != run_) found = {0, run_};
  return found;
}

Shadow::Cell* Shadow::find(std::uint64_t address) {
  const std::uint64_t number = address >> 12U;
  if (number != last_number_ && slot(number).number == 0) return nullptr;
  return &cell(address);
}

std::uint32_t Shadow::take() {
  if (free_ != 0) {
    const std::uint32_t index = free_;
    free_ = remembered_[index].next;
    return index;
  }
  if (used_ == most_remembered) give_up("the program touches more memory than can be watched");
  return used_++;
}

void Shadow::release(std::uint32_t index) {
  remembered_[index].next = free_;
  free_ = index;
}

void Shadow::empty(Cell& cell) {
  while (cell.head != 0) {
    const std::uint32_t next = remembered_[cell.head].next;
    release(cell.head);
    cell.head = next;
  }
}

void Shadow::forget(std::uint64_t address, std::uint64_t size) {
  const std::uint64_t end = address + size;
  for (std::uint64_t at = address & ~7ULL; at < end;) {
    if (Cell* known = find(at); known != nullptr) {
      empty(*known);
      at += 8;
    } else {
      at = (at | 4095U) + 1;
    }
  }
}

}  // namespace contend::explore
