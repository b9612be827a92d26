// The part of a plan that says what clients say, over what, and how they behave.
#pragma once

#include "loadgen/plan.hpp"

namespace contend::loadgen {

/// `plan` knows its destinations and its load already. Errors: usage, a file that cannot be read.
Expected<void> plan_talk(const Options& options, Plan& plan);

}  // namespace contend::loadgen
