// `loadgen calibrate`: how fast loadgen is on this machine when nothing but itself is the limit.
#pragma once

#include "core/expected.hpp"

#include "loadgen/options.hpp"

namespace contend::loadgen {

/// Learns the ceiling of the load that the options describe, or of the usual ones if no option was
/// given, prints and stores it. Returns the exit code. Errors: those of a plan; a file that cannot
/// be written.
Expected<int> calibrate(const Options& options);

}  // namespace contend::loadgen
