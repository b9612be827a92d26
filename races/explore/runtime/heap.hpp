// The program's heap under watch: freed blocks are held back for a while, so that a use after free
// meets its own block, and a second free is known for what it is.
#pragma once

#include <cstddef>
#include <cstdint>

namespace contend::explore {

class Heap {
 public:
  static constexpr std::size_t granule = 16;  ///< what any block is aligned to, and sizes differ by

  /// As memalign, of blocks that were let go or from libc.
  void* take(std::size_t size, std::size_t alignment = granule);

  /// Remembers a block that the program now owns; `pc` is where it asked for it.
  void allocated(void* block, std::size_t size, std::uint64_t pc);

  /// The program gives a block back. Keeps it in quarantine and gives an older one to libc.
  void freed(void* block, std::uint64_t pc);

  /// Empties the quarantine, checked as by check_all().
  void let_all_go();

  /// Ends the execution if a block in quarantine is not as it was left.
  void check_all() const;

 private:
  static constexpr std::uint32_t held_blocks = 1024;
  static constexpr std::size_t held_bytes = std::size_t{16} << 20U;
  static constexpr std::uint8_t pattern = 0xf5;

  /// Small blocks that were let go, a list for each size. libc's own lists of that kind are a
  /// thread's, and who asks for them needs its identity.
  static constexpr std::size_t kept_sizes = 64;

  struct Held {
    void* block = nullptr;
    std::size_t size = 0;
  };

  void check(const Held& held) const;
  void let_go();
  void** kept_of(std::size_t usable);

  Held held_[held_blocks] = {};
  std::uint32_t first_ = 0;
  std::uint32_t count_ = 0;
  std::size_t bytes_ = 0;
  void* kept_[kept_sizes] = {};  ///< each block begins with where the next one is
};

/// One process, one heap; interposed functions have no other way in.
extern Heap heap;

}  // namespace contend::explore
