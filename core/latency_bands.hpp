// The series of a report that tell how many answers took how long when: of each band of latency
// one, a point for each interval in which there was an answer. loadgen writes them, a merge adds
// them up, and both the heat map and how sure a quantile is are read from them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/report.hpp"

namespace contend {

/// Latencies in nanoseconds, of at least `from` and less than `to`.
struct LatencyBand {
  std::int64_t from = 0;
  std::int64_t to = 0;
};

/// "answers_from_1024_to_1536_ns".
std::string series_name(const LatencyBand& band);

/// The band that a series counts; none where its name is not of that form.
std::optional<LatencyBand> latency_band(const Series& of);

/// Seconds of one interval of a run: where the earliest point stands that is not at the beginning,
/// of the bands and of throughput_per_second, which has one for every interval but the last. 0
/// where all is in one interval.
double interval_width(const std::vector<Series>& series);

}  // namespace contend
