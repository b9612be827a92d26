// What is remembered about each eight bytes of the program's memory: the accesses that a later one
// could still race with, each with the bytes it touched, so that neighbours are told apart.
#pragma once

#include <cstdint>

#include "races/explore/runtime/arena.hpp"

namespace contend::explore {

/// One remembered access. `time` is the thread's own clock then (an epoch of FastTrack).
struct Remembered {
  std::uint64_t pc = 0;
  std::uint32_t context = 0;
  std::uint32_t time = 0;
  std::uint32_t next = 0;  ///< the one before it in the cell's list; 0 ends
  std::uint16_t thread = 0;
  std::uint8_t bytes = 0;  ///< one bit each
  bool write : 1;
  bool atomic : 1;
  bool freed : 1;
};

class Shadow {
 public:
  struct Cell {
    std::uint32_t head = 0;
    std::uint32_t run = 0;  ///< the execution it belongs to; another one's is empty
  };

  void begin();

  /// Forgets everything, in constant time.
  void next_execution();

  /// The cell of the eight bytes around `address`. Cost: a hash look-up, less for neighbours.
  Cell& cell(std::uint64_t address);

  /// As cell(), but null where nothing was ever remembered in that page.
  Cell* find(std::uint64_t address);

  Remembered& at(std::uint32_t index) { return remembered_[index]; }

  /// Takes a record; give it back with release().
  std::uint32_t take();
  void release(std::uint32_t index);

  /// Forgets what is known of [address, address + size).
  void forget(std::uint64_t address, std::uint64_t size);

 private:
  static constexpr std::uint32_t table_size = 1U << 17U;
  static constexpr std::uint32_t most_remembered = 1U << 24U;
  static constexpr std::uint32_t cells_in_page = 512;

  struct Page {
    std::uint64_t number = 0;
    Cell* cells = nullptr;
  };

  Page& slot(std::uint64_t number);
  void empty(Cell& cell);

  Page* pages_ = nullptr;
  Arena cells_;
  Remembered* remembered_ = nullptr;
  std::uint32_t used_ = 1;
  std::uint32_t free_ = 0;
  std::uint32_t run_ = 1;
  std::uint32_t page_count_ = 0;
  std::uint64_t last_number_ = ~0ULL;
  Cell* last_cells_ = nullptr;
};

}  // namespace contend::explore
