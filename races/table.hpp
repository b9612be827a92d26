// What `races run` prints besides the summary: the outcomes of a case, and one row an experiment
// across its lenses.
#pragma once

#include <string>

#include "core/report.hpp"

#include "races/plan.hpp"

namespace contend::races {

/// Outcome, count, share with its interval, grade, reason; empty if the case has no outcomes.
std::string outcome_table(const Case& in);

/// One row an experiment: what each lens said in two words, and what a trial costs compared with
/// the first experiment of the same subject.
std::string lens_table(const Report& report, const Plan& plan);

}  // namespace contend::races
