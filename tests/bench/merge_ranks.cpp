// How much processor time rank 0 takes to put the results of many ranks together, and how large
// they are: reports as loadgen writes them, of ranks that each recorded as many latencies as asked
// for.
//
//   merge_ranks [RANKS] [LATENCIES]
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <random>
#include <sys/resource.h>

#include <fmt/format.h>

#include "core/histogram_codec.hpp"
#include "core/host.hpp"
#include "core/quantile_metrics.hpp"
#include "core/report_json.hpp"
#include "core/shard_warm_up.hpp"
#include "core/shards.hpp"

namespace {

using namespace contend;

/// Of the processor, so that a busy machine does not show.
double milliseconds() {
  return static_cast<double>(std::clock()) * 1e3 / CLOCKS_PER_SEC;
}

/// Latencies around 100 microseconds with a long tail, as of a server on a network.
Histogram latencies(std::uint64_t seed, std::uint64_t count) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> law(std::log(100e3), 0.6);
  Histogram histogram;
  for (std::uint64_t i = 0; i < count; ++i)
    histogram.record(static_cast<std::int64_t>(law(random)));
  return histogram;
}

std::string report_of(std::uint32_t rank, std::uint32_t ranks, std::uint64_t count) {
  Report report = new_report("loadgen");
  report.plan = {{"seed", 1}, {"shard", {{"index", rank}, {"of", ranks}}}};
  Case part{.id = "loadgen/echo/c100000", .verdict = Verdict::passed, .reason = "every byte right"};
  for (const char* name : {"intended", "service", "connect", "lag"}) {
    const Histogram histogram = latencies(32 * rank + part.distributions.size(), count);
    for (Metric& metric : quantile_metrics(name, histogram)) part.metrics.push_back(metric);
    part.distributions.push_back(to_distribution(name, histogram));
    // What each part keeps of its first tenth, for all to leave out together.
    for (std::size_t i = 1; i <= 5 && name != std::string_view("connect"); ++i) {
      part.distributions.push_back(
          to_distribution(beginning_of(name, i), latencies(rank + 7 * i, count * i / 50)));
    }
  }
  for (std::size_t i = 1; i <= 5; ++i) {
    part.metrics.push_back({.name = beginning_length(i), .value = 2e7 * static_cast<double>(i)});
  }
  for (int i = 0; i < 30; ++i) {
    part.metrics.push_back({.name = fmt::format("messages_{}", i), .value = i});
  }
  report.cases = {part};
  return to_json(report);
}

}  // namespace

int main(int argc, char** argv) {
  const auto ranks = static_cast<std::uint32_t>(argc > 1 ? std::atoi(argv[1]) : 1000);
  const auto count = static_cast<std::uint64_t>(argc > 2 ? std::atoll(argv[2]) : 100'000);
  std::vector<std::string> texts;
  std::size_t bytes = 0;
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    texts.push_back(report_of(rank, ranks, count));
    bytes += texts.back().size();
  }
  const double read_from = milliseconds();
  std::vector<Report> parts;
  for (const std::string& text : texts) parts.push_back(*report_from_json(text));
  const double reading = milliseconds() - read_from;
  const double merge_from = milliseconds();
  const auto merged = merge_shards(std::move(parts));
  const double merging = milliseconds() - merge_from;
  const double write_from = milliseconds();
  const std::string whole = to_json(*merged);
  const double writing = milliseconds() - write_from;
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  fmt::print(
      "{} ranks of {} latencies: {:.1f} KiB a rank, {:.1f} MiB in all; read {:.0f} ms, merged "
      "{:.0f} ms, written"
      " {:.0f} ms as {:.1f} MiB; peak memory {} MiB\n",
      ranks, count, static_cast<double>(bytes) / ranks / 1024, static_cast<double>(bytes) / 1048576,
      reading, merging, writing, static_cast<double>(whole.size()) / 1048576,
      used.ru_maxrss / 1024);
  return merged->cases[0].verdict == Verdict::passed ? 0 : 1;
}
