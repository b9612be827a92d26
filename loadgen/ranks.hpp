// loadgen on several machines at once: one plan, a rank each, one report.
#pragma once

#include "core/expected.hpp"

#include "loadgen/coordination.hpp"
#include "loadgen/options.hpp"

namespace contend::loadgen {

/// Whether mpirun, srun or the like started this process as one of several.
bool started_as_rank();

/// Becomes the program that knows MPI, with the same arguments. Returns only if it cannot: it was
/// not built, which the error says with the remedy.
Error become_rank(char** argv);

/// This rank's part, and for rank 0 the whole: the load is carried out by a process of `program`,
/// so that nothing of MPI is in the process that measures. Returns what all ranks exit with.
Expected<int> run_ranks(const Options& options, const std::string& program, Coordination& all);

}  // namespace contend::loadgen
