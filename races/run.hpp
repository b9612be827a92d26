// Runs a plan: canaries first, then each experiment under each lens, one process at a time.
#pragma once

#include <functional>
#include <string>

#include "core/report.hpp"

#include "races/plan.hpp"

namespace contend::races {

/// Told before each case: which of how many, and its id.
using OnCase = std::function<void(std::size_t number, std::size_t of, const std::string& id)>;

/// Stops after the current case when interrupted, and says so in the report.
Report run(const Plan& plan, const OnCase& on_case);

/// Makes every case of a lens inconclusive whose canaries did not sing as they should.
void heed_canaries(Report& report, const Plan& plan);

}  // namespace contend::races
