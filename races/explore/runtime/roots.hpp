// The memory, stacks aside, in which a pointer keeps a block from being a leak: what there was
// before control began (every module's variables, the first thread's thread_local ones, the heap as
// the constructors of libraries left it), and the variables of modules that came later.
#pragma once

#include <cstddef>
#include <cstdint>

#include "races/explore/runtime/mappings.hpp"

namespace contend::explore {

class Roots {
 public:
  /// Looks around, before control.
  void begin();

  /// Memory of the explorer's own: what it points to may leak all the same.
  void leave_out(Range own);

  /// Calls `look` for each.
  void each(void (*look)(Range)) const;

  /// Where the first thread's stack begins.
  std::uint64_t stack_end() const { return stack_end_; }

 private:
  static constexpr std::size_t most_ranges = 1024;

  void note(const Mapping& mapping);
  void add(Range range);

  Range ranges_[most_ranges] = {};
  std::size_t count_ = 0;
  std::size_t modules_ = 0;
  std::uint64_t stack_end_ = 0;
};

}  // namespace contend::explore
