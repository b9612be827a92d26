// Judges what was counted: verdict, a reason in words, metrics, findings. Pure.
#pragma once

#include <optional>
#include <string>

#include "core/report.hpp"

#include "loadgen/plan.hpp"
#include "loadgen/run.hpp"
#include "loadgen/server_under_test.hpp"

namespace contend::loadgen {

Case grade(const Plan& plan, const Run& run, const std::optional<ServerEnd>& server);

/// "loadgen/SUBJECT/cN".
std::string case_id(const Plan& plan);
/// What the server we started left behind: findings, CPU, memory, exit.
void add_server(const ServerEnd& server, Case& result);

}  // namespace contend::loadgen
