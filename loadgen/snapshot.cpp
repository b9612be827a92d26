#include "loadgen/snapshot.hpp"

#include <algorithm>
#include <functional>
#include <sstream>

#include <fmt/format.h>

#include "core/check.hpp"
#include "core/histogram_codec.hpp"

namespace contend::loadgen {
namespace {

constexpr std::size_t counters_together = 64;
constexpr std::size_t counts = 3;

std::size_t size_of(const Histogram& histogram) {
  return counts + histogram.counts().size() / counters_together;
}

}  // namespace

void Snapshot::add(const Snapshot& other) {
  sent += other.sent;
  answered += other.answered;
  errors += other.errors;
  latency.merge(other.latency);
}

std::string to_text(const Snapshot& snapshot) {
  return fmt::format("{} {} {} {}\n", snapshot.sent, snapshot.answered, snapshot.errors,
                     encode(snapshot.latency));
}

std::optional<Snapshot> snapshot_from(const std::string& text) {
  std::istringstream words(text);
  Snapshot snapshot;
  std::string latency;
  words >> snapshot.sent >> snapshot.answered >> snapshot.errors >> latency;
  Expected<Histogram> decoded = decode_histogram(latency);
  if (!words || !decoded) return std::nullopt;
  snapshot.latency = std::move(*decoded);
  return snapshot;
}

std::vector<std::uint64_t> to_numbers(const Snapshot& snapshot) {
  std::vector<std::uint64_t> numbers(size_of(snapshot.latency));
  numbers[0] = snapshot.sent;
  numbers[1] = snapshot.answered;
  numbers[2] = snapshot.errors;
  const auto& counters = snapshot.latency.counts();
  for (std::size_t i = 0; i < counters.size(); ++i) {
    numbers[counts + i / counters_together] += counters[i];
  }
  return numbers;
}

Snapshot snapshot_from(const std::vector<std::uint64_t>& numbers) {
  Snapshot snapshot;
  CONTEND_CHECK(numbers.size() == size_of(snapshot.latency));
  snapshot.sent = numbers[0];
  snapshot.answered = numbers[1];
  snapshot.errors = numbers[2];
  std::vector<std::uint64_t> counters(snapshot.latency.counts().size());
  for (std::size_t i = counts; i < numbers.size(); ++i) {
    counters[(i - counts + 1) * counters_together - 1] = numbers[i];
  }
  snapshot.latency = Histogram::from_counts(counters);
  return snapshot;
}

}  // namespace contend::loadgen
