// Takes switches out of a failing schedule as long as it still fails in the same way, and then
// looks whether one with fewer does: what is left are the few that matter.
#pragma once

#include <functional>
#include <string>

#include "core/expected.hpp"

#include "races/explore/learner.hpp"
#include "races/explore/schedule.hpp"
#include "races/explore/target.hpp"

namespace contend::explore {

/// Whether an execution has the failure that is looked for, and not only another one.
using Fails = std::function<bool(const Execution&)>;

/// A schedule with the same failure: of all that was `learnt` by now if a short search comes upon
/// one, else with the choice points of `found` and at most as many preemptions, those of a
/// livelock's endless rest not counted. `fewest` if those with fewer were all tried. At most 5,900
/// executions, 1,150 where each needs a process of its own. The target's choice points are those of
/// `found`, then of what is returned. Errors: the target died.
Expected<Schedule> minimise(Target& target, const Schedule& found, const Learner& learnt,
                            const Fails& fails);

/// How few they are, and whether fewer would do: "2 preemptions; with fewer no schedule fails".
std::string describe_preemptions(const Schedule& minimised);

}  // namespace contend::explore
