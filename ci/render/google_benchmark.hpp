// The JSON of Google Benchmark, so that its compare.py and the trackers that read it read ours.
#pragma once

#include <string>

#include "core/report.hpp"

namespace contend::ci {

/// One benchmark for each latency of a case ("ID/intended_p99_ns") and one for each rate, as the
/// time for one ("ID/throughput_per_second", with items_per_second). "ID#2" is repetition 1 of
/// "ID".
std::string render_google_benchmark(const Report& report);

}  // namespace contend::ci
