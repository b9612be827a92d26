// Exhaustive search, depth first, of all schedules with at most so many preemptions: switches away
// from a thread that could have gone on. Source: Musuvathi, Qadeer, "Iterative Context Bounding for
// Systematic Testing of Multithreaded Programs", PLDI 2007. Knows no program: it reads the choices
// that an execution made and says which to make next.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "races/explore/protocol.hpp"

namespace contend::explore {

class BoundedSearch {
 public:
  static constexpr std::uint32_t unbounded = std::numeric_limits<std::uint32_t>::max();

  explicit BoundedSearch(std::uint32_t bound) : bound_(bound) {}

  /// The choices to begin the next execution with; after them, always the first.
  std::span<const Choice> prefix() const { return choices_; }

  /// Takes what that execution chose, and moves on.
  void advance(std::span<const Choice> choices);

  bool finished() const { return finished_; }

  /// Whether schedules were left out for the bound; if not, a finished search is a proof.
  bool cut() const { return cut_; }

 private:
  std::uint32_t bound_;
  std::vector<Choice> choices_;
  bool finished_ = false;
  bool cut_ = false;
};

/// Whether it switched away from a thread that could have gone on.
bool preempts(const Choice& choice);

/// How many of the choices do.
std::uint32_t count_preemptions(std::span<const Choice> choices);

}  // namespace contend::explore
