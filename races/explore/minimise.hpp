// Takes switches out of a failing schedule as long as it still fails in the same way, and then
// looks whether one with fewer does: what is left are the few that matter.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "core/expected.hpp"

#include "races/explore/learner.hpp"
#include "races/explore/schedule.hpp"
#include "races/explore/target.hpp"

namespace contend::explore {

/// Whether an execution has the failure that is looked for, and not only another one.
using Fails = std::function<bool(const Execution&)>;

struct Minimised {
  Schedule schedule;
  std::uint32_t preemptions = 0;  ///< those of an endless rest, where chance decides, not counted
  bool fewest = false;  ///< with fewer, at all choice points that are known, it does not fail so
};

/// A schedule with the same failure: of all that was `learnt` by now if a short search comes upon
/// one, else with the choice points of `found` and at most as many preemptions. At most 5,900
/// executions, 1,150 where each needs a process of its own, and none after `end`. The target's
/// choice points are those of `found`, then of what is returned. Errors: the target died.
Expected<Minimised> minimise(Target& target, const Schedule& found, const Learner& learnt,
                             const Fails& fails, std::chrono::steady_clock::time_point end);

/// How few they are, and whether fewer would do: "2 preemptions; with fewer it does not happen".
std::string describe_preemptions(const Minimised& minimised);

}  // namespace contend::explore
