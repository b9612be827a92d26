// Judges what was counted. Pure: the same tally gets the same case.
#pragma once

#include <string>

#include "core/report.hpp"

#include "races/experiment_facts.hpp"
#include "races/tally.hpp"

namespace contend::races {

/// By outcomes: a broken experiment must show its defect, a correct one must not.
Case grade_native(const ExperimentFacts& experiment, const Tally& tally);

/// By reports: counts under ThreadSanitizer come from its own pauses and are not told.
Case grade_tsan(const ExperimentFacts& experiment, const Tally& tally);

/// A share with its 95 % interval (Wilson), as it is if the trials are independent.
struct Share {
  double value = 0;
  double low = 0;
  double high = 0;
};
Share share(std::int64_t part, std::int64_t of);

/// "1.3 %", "98.7 %", "0.00021 %".
std::string percent(double fraction);

}  // namespace contend::races
