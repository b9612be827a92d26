// --find-max: the highest rate at which the server does what is demanded of it.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "core/report.hpp"

#include "loadgen/plan.hpp"
#include "loadgen/rate_search.hpp"

namespace contend::loadgen {

/// One run at one rate, graded.
struct RateStep {
  double rate = 0;
  bool confirming = false;
  StepResult result = StepResult::held;
  Case graded;
};

struct RateCurve {
  std::vector<RateStep> steps;  ///< in the order they were run
  RateSearch search;
  Nanoseconds elapsed{};
  bool interrupted = false;
};

/// Runs an open loop at one rate after the other until the search is over, the target is gone, or
/// we are interrupted. Each has clients, histograms and due times of its own.
RateCurve find_max(const Plan& plan, std::FILE* stream);

/// The case of the whole search: the figures are those of the confirmation, the curve is in its
/// series. Pure.
Case grade(const Plan& plan, const RateCurve& curve);

/// For people: a row a rate, in ascending order.
std::string rate_table(const RateCurve& curve);

}  // namespace contend::loadgen
