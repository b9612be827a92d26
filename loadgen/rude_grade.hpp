// What a run with bad clients on purpose says: whether they got right bytes, and what they did to
// the good ones. Pure.
#pragma once

#include "core/report.hpp"

#include "loadgen/plan.hpp"
#include "loadgen/run.hpp"

namespace contend::loadgen {

/// Adds to the case of the good clients. A wrong byte to a bad client fails it as well; that one
/// was cut off, or not answered in time, is only told.
void judge_rude(const Plan& plan, const Run& run, Case& result);

}  // namespace contend::loadgen
