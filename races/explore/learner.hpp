// What executions teach for the next ones: which accesses raced, and so are choice points from then
// on; how long an execution is; how many events each thread has on each shared object.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "races/explore/protocol.hpp"
#include "races/explore/target.hpp"

namespace contend::explore {

class Learner {
 public:
  /// True if there are more choice points than before: a search must begin anew.
  bool learn(const Execution& execution, std::uint64_t base);

  /// Whether all that races in the execution is known.
  bool knows(const Execution& execution, std::uint64_t base) const;

  /// Places of accesses that raced, in order: relative to the program, or where the library is.
  const std::set<std::uint64_t>& racy() const { return racy_; }
  bool unlock_points() const { return unlock_points_; }

  /// Choices in the longest execution so far.
  std::uint32_t longest() const { return longest_; }

  /// One of the objects that at least two threads touched and one changed: every second time each
  /// is as likely as it has a share in their events, else as any other. 0: there is none. `ticket`
  /// is any number.
  std::uint64_t draw_object(std::uint64_t ticket) const;

  /// For SURW: each thread's events on `object` (0: on any), and who created it.
  std::vector<Learnt> weights(std::uint64_t object) const;

 private:
  struct Touches {
    std::map<std::uint16_t, std::uint32_t> events;  ///< by thread; the most in one execution
    std::uint64_t total = 0;                        ///< of all threads
    bool changed = false;
  };

  void learn_events(std::span<const Event> events);

  std::set<std::uint64_t> racy_;
  bool unlock_points_ = false;
  std::uint32_t longest_ = 1;
  std::map<std::uint64_t, Touches> objects_;
  std::vector<std::uint64_t> shared_;
  std::vector<std::uint16_t> parents_;
};

}  // namespace contend::explore
