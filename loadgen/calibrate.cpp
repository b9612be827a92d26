#include "loadgen/calibrate.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "core/interrupt.hpp"
#include "core/print.hpp"
#include "core/units.hpp"

#include "loadgen/ceiling.hpp"
#include "loadgen/echo_peer.hpp"
#include "loadgen/run.hpp"

namespace contend::loadgen {
namespace {

using namespace std::chrono_literals;

constexpr int rounds = 5;
constexpr auto round_time = 500ms;

/// What a user runs most: the default, a pipeline, and messages whose bytes count.
std::vector<Options> usual(const Options& options) {
  std::vector<Options> all(3, options);
  all[1].depth = 16;
  all[2].sizes = MessageSizes(4096);
  return all;
}

Expected<std::vector<double>> rates_of(const Plan& plan) {
  std::vector<double> rates;
  for (int i = 0; i < rounds && !interrupted(); ++i) {
    const Tally tally = run(plan).tally;
    if (interrupted()) break;
    const double seconds = static_cast<double>(tally.busy().count()) / 1e9;
    if (tally.errors.total() > 0 || tally.answered == 0 || seconds <= 0) {
      return world_error(fmt::format("calibrate: {} errors and {} answers of our own echo peer",
                                     tally.errors.total(), tally.answered));
    }
    rates.push_back(static_cast<double>(tally.answered) / seconds);
  }
  std::ranges::sort(rates);
  return rates;
}

/// Nothing if it was interrupted.
Expected<void> learn(Options options, const std::filesystem::path& file) {
  const auto peer = EchoPeer::start(options.threads);
  if (!peer) return peer.error();
  options.targets = {fmt::format("127.0.0.1:{}", (*peer)->port())};
  options.duration = round_time;
  options.warmup = Nanoseconds{0};
  const Expected<Plan> plan = make_plan(options);
  if (!plan) return plan.error();
  const Expected<std::string> shape = shape_of(*plan);
  if (!shape) return shape.error();
  const Expected<std::vector<double>> rates = rates_of(*plan);
  if (!rates) return rates.error();
  if (interrupted()) return {};
  if (const auto saved = save_ceiling(file, *shape, rates->back()); !saved) return saved;
  return print(stdout,
               fmt::format("{}: {} messages/s, the fastest of {} runs; the slowest {}\n", *shape,
                           format_count(static_cast<std::int64_t>(rates->back())), rates->size(),
                           format_count(static_cast<std::int64_t>(rates->front()))));
}

}  // namespace

Expected<int> calibrate(const Options& options) {
  const Expected<std::filesystem::path> file = ceilings_file();
  if (!file) return file.error();
  for (const Options& each : options.arguments.empty() ? usual(options) : std::vector{options}) {
    if (const auto learned = learn(each, *file); !learned) return learned.error();
    if (interrupted()) return 130;
  }
  const auto printed = print(stdout, fmt::format("kept in {}\n", file->string()));
  return printed ? Expected<int>(0) : printed.error();
}

}  // namespace contend::loadgen
