// Whether this process may open as many descriptors as the plan asks for, found out before the run.
#pragma once

#include <cstdint>

#include "core/expected.hpp"

namespace contend::loadgen {

/// Sockets, and what the program itself keeps open.
std::uint64_t descriptors_needed(std::uint64_t connections);

/// The hard limit: the soft one is ours to raise.
std::uint64_t descriptors_allowed();

/// Raises the soft limit to what is needed. Errors: the hard limit is lower (with the number and
/// the command).
Expected<void> check_descriptors(std::uint64_t connections);

}  // namespace contend::loadgen
