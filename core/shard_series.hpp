// What several parts of one plan saw over time as what the whole saw.
#pragma once

#include <vector>

#include "core/report.hpp"

namespace contend {

/// Time is counted from the start that all parts agreed on. clients_served counts up, so it is
/// added; of the others each point stands for an interval whose width is a power of two, the widest
/// of all parts: maxima stay maxima, means are weighed by the answers, everything else is added.
/// Every part has one case.
std::vector<Series> add_series(const std::vector<Report>& parts);

}  // namespace contend
