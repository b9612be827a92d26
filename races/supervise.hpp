// Runs one experiment in a process of its own and brings home what it counted.
#pragma once

#include <string>

#include "core/expected.hpp"

#include "races/lens.hpp"
#include "races/tally.hpp"

namespace contend::races {

/// Runs PREFIX-`suffix`. `awaits` is nothing, outcome or report; `settle` is how long it goes on
/// after that came, or in all when nothing is awaited, within the task's budget. A hang or a crash
/// is part of the tally. Errors: no such program, a sanitizer runtime that does not come up.
Expected<Tally> run_experiment(const Task& task, const std::string& suffix,
                               const std::string& awaits, Nanoseconds settle);

}  // namespace contend::races
