// The numbers of a run under the names that the report promises.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/quantile_metrics.hpp"
#include "core/report.hpp"

#include "loadgen/plan.hpp"
#include "loadgen/run.hpp"

namespace contend::loadgen {

std::vector<Metric> metrics_of(const Plan& plan, const Run& run);

}  // namespace contend::loadgen
