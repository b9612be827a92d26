// What the program has allocated and not given back, and where it did so. Tables of the runtime, so
// that the blocks stay as libc makes them.
#pragma once

#include <cstdint>

namespace contend::explore {

struct Block {
  std::uint64_t address = 0;  ///< 0: given back
  std::uint64_t size = 0;     ///< what was asked for
  std::uint64_t pc = 0;       ///< the call in the program; 0: none was found
  std::uint32_t context = 0;  ///< where the thread was
  std::uint16_t thread = 0;
  bool reached = false;         ///< the look for leaks came here
  bool pointed_at = false;      ///< a leak points here
  std::uint32_t execution = 0;  ///< of those in this process
  std::uint32_t next = 0;       ///< in its chain, or among those given back; 0 ends
  Block* waiting = nullptr;     ///< reached before it, and not looked into yet either
};

class Blocks {
 public:
  void begin();

  /// As new, without touching the memory that was used before.
  void forget_all();

  /// What lives on is an earlier execution's from here on.
  void next_execution();

  /// Cost: a hash look-up.
  void add(const Block& block);
  void remove(std::uint64_t address);

  /// How many of this execution live; 0 too where there were more than can be remembered.
  std::uint32_t fresh() const { return overflowed_ ? 0 : fresh_; }
  bool is_fresh(const Block& block) const { return block.execution == execution_; }

  /// Sorts what lives by address, for at() and around(), until one is added or removed; none is
  /// reached.
  void sort();
  std::uint32_t count() const { return sorted_count_; }
  Block& at(std::uint32_t rank) { return blocks_[sorted_[rank]]; }

  /// The block that an address points into, or right behind, as that of an empty array does; null
  /// if none.
  Block* around(std::uint64_t address) {
    return address - lowest_ <= span_ ? search(address) : nullptr;
  }

 private:
  static constexpr std::uint32_t most_blocks = 1U << 22U;
  static constexpr std::uint32_t buckets = 1U << 15U;

  struct Head {
    std::uint32_t first = 0;
    std::uint32_t run = 0;  ///< another one's is empty
  };

  Head& head(std::uint64_t address);
  void sink(std::uint32_t rank, std::uint32_t count);
  Block* search(std::uint64_t address);

  Block* blocks_ = nullptr;
  Head* heads_ = nullptr;
  std::uint32_t* sorted_ = nullptr;
  std::uint32_t used_ = 1;
  std::uint32_t free_ = 0;
  std::uint32_t fresh_ = 0;
  std::uint32_t run_ = 0;
  std::uint32_t execution_ = 0;
  std::uint32_t sorted_count_ = 0;
  std::uint64_t lowest_ = 0;  ///< address of those sorted
  std::uint64_t span_ = 0;    ///< from there to the end of the highest
  bool overflowed_ = false;
};

}  // namespace contend::explore
