// From a plan to an exit code: server up, load, server down, grade, save, show.
#pragma once

#include <cstdio>
#include <functional>

#include "loadgen/crew.hpp"
#include "loadgen/plan.hpp"

namespace contend::loadgen {

/// Where the user closed a standard stream, keeps its number from being taken by a socket, which
/// would then be sent what we print. Writing there stays an error.
void hold_standard_streams();

/// Returns what the process exits with.
Expected<int> carry_out(const Plan& plan);

/// How others carry the parts out; where the JSON lines of --json-stream go, or nullptr.
using RunParts = std::function<Expected<Harvest>(std::FILE* stream)>;

/// The same for a plan of which others carry the parts out.
Expected<int> carry_out(const Plan& plan, const RunParts& run_parts);

}  // namespace contend::loadgen
