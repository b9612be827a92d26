// Races and failures as core's findings: the same form in which ThreadSanitizer's races are
// reported.
#pragma once

#include <vector>

#include "core/report.hpp"
#include "core/sanitizer_fingerprint.hpp"

#include "races/explore/judge.hpp"
#include "races/explore/symbols.hpp"

namespace contend::explore {

Finding to_finding(const Race& race, Symbols& symbols, SourceLines& sources);
Finding to_finding(const Leak& leak, Symbols& symbols, SourceLines& sources);
Finding to_finding(const Failure& failure, Symbols& symbols, SourceLines& sources);

/// Adds a finding, or counts it where its like is known already: says at which place.
std::size_t fold(std::vector<Finding>& findings, Finding finding);

}  // namespace contend::explore
