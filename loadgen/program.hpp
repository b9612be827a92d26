// From a plan to an exit code: server up, load, server down, grade, save, show.
#pragma once

#include <functional>

#include "loadgen/crew.hpp"
#include "loadgen/plan.hpp"

namespace contend::loadgen {

/// Where the user closed a standard stream, keeps its number from being taken by a socket, which
/// would then be sent what we print. Writing there stays an error.
void hold_standard_streams();

/// Returns what the process exits with.
Expected<int> carry_out(const Plan& plan);

/// The same for a plan of which others carry the parts out.
Expected<int> carry_out(const Plan& plan, const std::function<Expected<Harvest>()>& run_parts);

}  // namespace contend::loadgen
