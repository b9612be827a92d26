// What a run has counted so far, in forms that add up: over threads, over processes, over machines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/histogram.hpp"

namespace contend::loadgen {

/// Counts since the run began, never of an interval, so that one that was missed is no loss.
struct Snapshot {
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t errors = 0;
  Histogram latency;

  void add(const Snapshot& other);
};

/// One line, exact but for the smallest and the greatest latency, which become their buckets'.
std::string to_text(const Snapshot& snapshot);
/// None where the text is not one.
std::optional<Snapshot> snapshot_from(const std::string& text);

/// As many numbers for every snapshot; their sums, number by number, are those of the sum.
/// Latencies are upper ends of 6 % at most, so that it stays 4 KiB.
std::vector<std::uint64_t> to_numbers(const Snapshot& snapshot);
Snapshot snapshot_from(const std::vector<std::uint64_t>& numbers);

}  // namespace contend::loadgen
