// What the page's charts draw, as JSON.
#pragma once

#include <boost/json/object.hpp>

#include "core/report.hpp"

namespace contend::ci {

/// percentiles[] {case, name, x, y} with x = 1/(1 - share) and y in nanoseconds, as far as the
/// count of values carries; series[] {case, name, unit, x, y}; models[] {name, rate, p99_ns}.
boost::json::object chart_data(const Report& report);

}  // namespace contend::ci
