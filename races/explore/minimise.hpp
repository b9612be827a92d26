// Takes switches out of a failing schedule as long as it still fails in the same way: what is left
// are the few that matter.
#pragma once

#include "core/expected.hpp"

#include "races/explore/schedule.hpp"
#include "races/explore/target.hpp"

namespace contend::explore {

/// A schedule with the same failure and at most as many preemptions, those of a livelock's endless
/// rest not counted. At most 300 executions. The target's choice points must be those of `found`.
/// Errors: the target died.
Expected<Schedule> minimise(Target& target, const Schedule& found);

}  // namespace contend::explore
