// Takes switches out of a failing schedule as long as it still fails in the same way, and then
// looks whether one with fewer does: what is left are the few that matter.
#pragma once

#include <functional>

#include "core/expected.hpp"

#include "races/explore/judge.hpp"
#include "races/explore/schedule.hpp"
#include "races/explore/target.hpp"

namespace contend::explore {

/// Whether a failure is the one that is looked for, and no other of the program.
using IsSame = std::function<bool(const Failure&)>;

/// A schedule with the same failure and at most as many preemptions, those of a livelock's endless
/// rest not counted: one, or the fewest of all in a small program. At most 4,600 executions, 800
/// where each needs a process of its own. The target's choice points must be those of `found`.
/// Errors: the target died.
Expected<Schedule> minimise(Target& target, const Schedule& found, const IsSame& same);

}  // namespace contend::explore
