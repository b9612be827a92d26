// From a plan to an exit code: server up, load, server down, grade, save, show.
#pragma once

#include "loadgen/plan.hpp"

namespace contend::loadgen {

/// Returns what the process exits with.
Expected<int> carry_out(const Plan& plan);

}  // namespace contend::loadgen
