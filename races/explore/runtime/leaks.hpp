// At the end of an execution: the blocks that live and that nobody can reach any more. What counts
// is what LeakSanitizer counts: a word anywhere in the variables of a module, in the stack,
// registers or thread_local variables of a live thread, or in a block that is reached itself, that
// points into a block, reaches it.
#pragma once

#include <cstdint>

#include "races/explore/runtime/blocks.hpp"
#include "races/explore/runtime/roots.hpp"
#include "races/explore/runtime/thread.hpp"

namespace contend::explore {

class Leaks {
 public:
  /// Once, before control.
  void begin();

  /// Control begins in a process of its own.
  void begin_process();

  /// At the end of an execution that ended well. Leaves result.leak_count and leaks[], the blocks
  /// that no other leak points to first.
  void look();

  /// Memory that cannot be read, such as a guard page, ends the look and the process: no claim.
  bool is_looking() const { return looking_; }

  Blocks& blocks() { return blocks_; }
  Roots& roots() { return roots_; }

 private:
  void reach_all(std::uint64_t stack_pointer);
  void reach_from(Range range);
  void reach_from(const Thread& thread, std::uint64_t stack_pointer);
  void report();
  void report(const Block& block);

  struct Site {
    std::uint64_t pc = 0;
    std::uint32_t context = 0;
  };

  Blocks blocks_;
  Roots roots_;
  Block* waiting_ = nullptr;    ///< the last one reached whose words are still to be looked at
  Site sites_[max_leaks] = {};  ///< of leaks[]
  bool looking_ = false;
};

}  // namespace contend::explore
