// The ranks of a run as processes of MPI. Any MPI-3; tried with Open MPI.
#pragma once

#include <memory>

#include "loadgen/coordination.hpp"

namespace contend::loadgen {

/// Joins the others that mpirun, srun or the like has started. Call once, before anything else
/// that waits. What the destructor does is collective too.
std::unique_ptr<Coordination> join_by_mpi(int* argc, char*** argv);

}  // namespace contend::loadgen
