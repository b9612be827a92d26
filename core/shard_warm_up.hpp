// The warm-up of a plan that was carried out in parts. Each part keeps what it had recorded at a
// few moments of the first tenth; which of these beginnings to leave out, all together say.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/histogram.hpp"
#include "core/report.hpp"

namespace contend {

/// What a part's report calls its beginnings, counted from 1: how long each was, and what had been
/// recorded of the distribution NAME by then.
std::string beginning_length(std::size_t number);                     ///< a metric, ns
std::string beginning_of(std::string_view name, std::size_t number);  ///< a distribution

/// Whether a metric or a distribution is one of these.
bool is_beginning(std::string_view name);

/// The two metrics of a warm-up. stationary: what is left; none: too short to say.
std::vector<Metric> warm_up_metrics(Nanoseconds cut, std::optional<bool> stationary);

/// Removes the beginnings from the distributions of all parts, added up, and takes the one that
/// find_warm_up() says out of those that it is of. Returns the warm_up_metrics(); none where
/// the parts have no warmup_cut_ns, which is what they did not record.
std::vector<Metric> leave_warm_up_out(const std::vector<Report>& parts,
                                      const std::vector<Series>& series,
                                      std::map<std::string, Histogram, std::less<>>& histograms);

}  // namespace contend
