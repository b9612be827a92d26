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
/// The first part of it: what the bytes and the clients say.
Case grade_load(const Plan& plan, const Run& run);

/// The last part of it, also for a case put together from those of parts: what the server's end
/// says, and the assertions, which may be on any metric.
void conclude(const Plan& plan, const std::optional<ServerEnd>& server, Case& result);

}  // namespace contend::loadgen
