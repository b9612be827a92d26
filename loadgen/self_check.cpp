#include "loadgen/self_check.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/units.hpp"

namespace contend::loadgen {
namespace {

// Timers of a quiet machine are later than this in one of a hundred cases at most.
constexpr std::int64_t lag_of_a_quiet_machine = 1'000'000;
// Parts of one load that began further apart than this were not one load.
constexpr Nanoseconds most_late = std::chrono::seconds(1);
// Histograms keep three digits.
constexpr double rounding = 1.01;

}  // namespace

bool is_saturated(double ran, double waited) {
  return ran + waited > saturated || waited > crowded_out;
}

std::optional<std::string> generator_was_the_limit(const Plan& plan, const Run& run) {
  if (run.tally.late > most_late) {
    return fmt::format("it was ready {} after --start-at", format_duration(run.tally.late));
  }
  if (!plan.rate || run.tally.lag.count() == 0) return std::nullopt;
  const std::int64_t lag = run.tally.lag.quantile(0.99);
  const std::int64_t latency = run.tally.intended.quantile(0.99);
  if (lag > std::max(lag_of_a_quiet_machine, latency / 4)) {
    return fmt::format(
        "the generator was the limit: it sent up to {} late itself (p99), where the latency was {}",
        format_duration(Nanoseconds(lag)), format_duration(Nanoseconds(latency)));
  }
  const double waited = run.tally.longest_wait_for_core;
  if (is_saturated(run.tally.busiest_thread, waited)) {
    return fmt::format(
        "the generator was the limit: a thread of it used {:.0f} % of a core, and waited for one "
        "in "
        "{:.0f} % of the time",
        100 * run.tally.busiest_thread, 100 * waited);
  }
  return std::nullopt;
}

std::optional<std::string> broken_account(const Tally& tally) {
  const std::uint64_t accounted = tally.answered + tally.failed + tally.unfinished;
  if (tally.sent == accounted && tally.sent <= tally.planned) return std::nullopt;
  return fmt::format(
      "the generator lost count: {} planned, {} sent, but {} answered, failed or unfinished",
      tally.planned, tally.sent, accounted);
}

double mean_in_flight(const Run& run) {
  const Histogram& service = run.tally.service;
  if (run.elapsed <= Nanoseconds{0}) return 0;
  return service.mean() * static_cast<double>(service.count()) /
         static_cast<double>(run.elapsed.count());
}

std::optional<std::string> broken_latencies(const Plan& plan, const Run& run) {
  const double allowed = static_cast<double>(plan.connections) * static_cast<double>(plan.depth);
  const double counted = mean_in_flight(run);
  if (counted <= allowed * rounding) return std::nullopt;
  return fmt::format(
      "the generator lost count: by its latencies {:.4g} messages were in flight on average, where "
      "{:.4g} is the most",
      counted, allowed);
}

}  // namespace contend::loadgen
