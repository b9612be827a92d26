// The numbers of several parts of one plan as numbers of the whole.
#pragma once

#include <vector>

#include "core/expected.hpp"
#include "core/report.hpp"

namespace contend {

/// Replaces the metrics and distributions of `whole` by those of all `parts` (at least one, with
/// one case each, in the order of their ranks); the series of `whole` are those of all parts
/// already. By name: NAME_p99_ns and NAME_max_ns come from the added distribution NAME, intervals
/// and effective_samples from that and the series, ratios and longest waits are the largest,
/// the warm-up is left out as core/shard_warm_up.hpp says,
/// throughput_per_second is all answers from the first message to the last answer, everything else
/// is a sum. Errors: a distribution that cannot be read (named).
Expected<void> add_figures(const std::vector<Report>& parts, Case& whole);

}  // namespace contend
