// Whether the generator itself was the limit, so that the run says nothing about the server.
#pragma once

#include <optional>
#include <string>

#include "loadgen/plan.hpp"
#include "loadgen/run.hpp"

namespace contend::loadgen {

/// A share of a core above which a thread had no time left.
inline constexpr double saturated = 0.95;

/// A sentence if the latencies of this run are our own, nothing if they are the server's. Open loop
/// only: a closed loop is always as fast as the slower side.
std::optional<std::string> generator_was_the_limit(const Plan& plan, const Run& run);

/// Every message is in exactly one place. A sentence where that is not so: a bug of ours.
std::optional<std::string> broken_account(const Tally& tally);

}  // namespace contend::loadgen
