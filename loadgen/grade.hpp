// Judges what was counted: verdict, a reason in words, metrics, findings. Pure.
#pragma once

#include <optional>

#include "core/report.hpp"

#include "loadgen/plan.hpp"
#include "loadgen/run.hpp"
#include "loadgen/server_under_test.hpp"

namespace contend::loadgen {

Case grade(const Plan& plan, const Run& run, const std::optional<ServerEnd>& server);

}  // namespace contend::loadgen
