// The run itself, once the ranks are known to be of one plan: rank 0 leads, the others follow. All
// of it by messages that nobody waits for, since any rank may die or hang.
#pragma once

#include "core/expected.hpp"

#include "loadgen/coordination.hpp"
#include "loadgen/plan.hpp"

namespace contend::loadgen {

/// Rank 0: its own part, and the report of the whole. Returns the exit code of all.
Expected<int> lead(const Plan& plan, const ClockAgreement& clocks, Coordination& all);

/// Any other rank. Returns the exit code that rank 0 says.
Expected<int> follow(const Plan& plan, const ClockAgreement& clocks, Coordination& all);

}  // namespace contend::loadgen
