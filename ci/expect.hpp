// Steps that are meant to find something: a planted fault, a race on purpose.
#pragma once

#include <string>
#include <string_view>

#include "core/report.hpp"

namespace contend::ci {

inline constexpr std::string_view any_rule = "*";

/// Turns the verdict round: passed where a finding of one of `rules` was seen, inconclusive where
/// none was, whatever else went wrong, and failed where there are errors of other rules as well: a
/// server that was to race and sends wrong bytes is no proof of the race. Errored and skipped stay.
/// `rules` are patterns with commas between them: "tsan.data-race,loadgen.*".
void expect_defect(Case& of, const std::string& rules);

}  // namespace contend::ci
