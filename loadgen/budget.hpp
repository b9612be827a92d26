// Whether this process may open as many descriptors as the plan asks for, found out before the run.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/expected.hpp"

#include "loadgen/address.hpp"
#include "loadgen/source_range.hpp"

namespace contend::loadgen {

/// Sockets, and what the program itself and each of its threads keeps open.
std::uint64_t descriptors_needed(std::uint64_t connections, std::uint32_t threads);

/// The hard limit: the soft one is ours to raise.
std::uint64_t descriptors_allowed();

/// Raises the soft limit to what is needed. Errors: the hard limit is lower (with the number and
/// the command).
Expected<void> check_descriptors(std::uint64_t connections, std::uint32_t threads);

/// Whether the ports of this machine suffice for so many connections, shared evenly by `targets`.
/// Errors: too few, with the number needed, and what gives more; a source that cannot reach a
/// target.
Expected<void> check_ports(std::uint64_t connections, const std::optional<SourceRange>& sources,
                           const std::vector<const Address*>& targets);

}  // namespace contend::loadgen
