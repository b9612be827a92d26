// The verbs of contend, each from its options to its exit code.
#pragma once

#include "core/expected.hpp"

#include "ci/options.hpp"

namespace contend::ci {

/// Runs the pipeline; writes every face of the report into the folder; prints the
/// summary and, last, the path of the report. Returns the verdict's exit code, 130 if interrupted.
/// Errors: the folder cannot be made or written to; those of load_pipeline().
Expected<int> execute(const RunOptions& options);

/// Errors: the file exists, or cannot be written.
Expected<int> execute(const InitOptions& options);

/// Errors: a file that is no report, an output that cannot be written.
Expected<int> execute(const MergeOptions& options);

/// Always 0 when the file was written: rendering does not judge.
Expected<int> execute(const ReportOptions& options);

/// Runs what is a pipeline, alternating; prints the table; 1 where something is worse, 2 where
/// nothing could be judged.
Expected<int> execute(const CompareOptions& options);

/// Prints the summary of what the gate says and exits by it.
Expected<int> execute(const GateOptions& options);

}  // namespace contend::ci
