// Runs one step and turns whatever happens into cases: a crash, a hang and a program that prints
// garbage are verdicts, not the end of the run.
#pragma once

#include "core/report.hpp"

#include "ci/step.hpp"

namespace contend::ci {

struct StepResult {
  Report report;  ///< what the step reported, or an empty one
  bool interrupted = false;
};

/// Runs the step to its end or its budget. Its report's cases come back with the log among their
/// artifacts; a step that broke adds an errored case "contend/NAME" whose reason ends in the tail
/// of what it printed. Never fails.
StepResult run_step(const Step& step);

/// The errored case of a step that broke.
Case broken_step(const std::string& name, const std::string& title, std::string reason);

}  // namespace contend::ci
