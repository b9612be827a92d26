// What one execution of the two-thread n += 1 costs, in processor time, with race detection on: of
// a function that is called again and again, of a whole program, and of one that leaves a
// descriptor behind and must be forked each time.
//
//   explore_executions
#include <algorithm>
#include <sys/resource.h>
#include <vector>

#include <benchmark/benchmark.h>

#include "races/explore/target.hpp"

namespace {

using namespace contend::explore;

constexpr std::uint32_t batch = 200'000;

Instruction random_walk() {
  Instruction told;
  told.strategy = StrategyKind::random_walk;
  return told;
}

/// A process of the program, and the races that it has: their places are choice points.
struct Prepared {
  Target target;
  std::vector<Race> races;
};

bool is_known(const std::vector<Race>& races, const Race& race) {
  return std::ranges::any_of(races, [&](const Race& known) {
    return known.earlier.stack.pc[0] == race.earlier.stack.pc[0] &&
           known.later.stack.pc[0] == race.later.stack.pc[0];
  });
}

Prepared prepared(const char* name) {
  constexpr std::uint64_t tries = 100;
  Prepared made{*Target::start({CONTEND_INCREMENT, name}), {}};
  for (std::uint64_t seed = 0; seed < tries; ++seed) {
    Instruction told = random_walk();
    told.seed = seed;
    const auto seen = made.target.run(told, {});
    for (const Race& race : seen->races) {
      if (!is_known(made.races, race)) made.races.push_back(race);
    }
    std::vector<std::uint64_t> places;
    for (const Race& race : made.races) {
      places.push_back(race.earlier.stack.pc[0] - made.target.base());
      places.push_back(race.later.stack.pc[0] - made.target.base());
    }
    made.target.set_racy(places);
  }
  return made;
}

void of_a_function(benchmark::State& state) {
  auto [target, races] = prepared("plain");
  std::uint64_t failures = 0;
  std::uint64_t executions = 0;
  for (auto _ : state) {
    Instruction told = random_walk();
    told.repeat = batch;
    told.count_failures = true;
    told.seed = executions;
    const auto done = target.run(told, {}, races);
    if (!done || done->result.repeated != batch) {
      state.SkipWithError("a batch ended early");
      return;
    }
    executions += batch;
    failures += done->result.repeated_failures;
    state.SetIterationTime(static_cast<double>(done->result.processor_ns) * 1e-9);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(executions));
  state.counters["lost"] = static_cast<double>(failures) / static_cast<double>(executions);
}

double processor_seconds() {
  double sum = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage used{};
    getrusage(who, &used);
    sum += static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           1e-6 * static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
  }
  return sum;
}

// The children's time is known when their parent, the program's own process, has gone.
void of_a_program(benchmark::State& state, const char* name) {
  constexpr std::int64_t executions = 2000;
  for (auto _ : state) {
    const double began = processor_seconds();
    {
      auto [target, races] = prepared(name);
      for (std::int64_t i = 0; i < executions; ++i) {
        Instruction told = random_walk();
        told.seed = static_cast<std::uint64_t>(i);
        if (!target.run(told, {})) state.SkipWithError("an execution failed");
      }
    }
    state.SetIterationTime(processor_seconds() - began);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * executions);
}

void that_is_given_back(benchmark::State& state) {
  of_a_program(state, "plain");
}
void that_is_forked(benchmark::State& state) {
  of_a_program(state, "leaving");
}

BENCHMARK(of_a_function)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(that_is_given_back)
    ->Name("of_a_program")
    ->UseManualTime()
    ->Iterations(3)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(that_is_forked)
    ->Name("of_a_program_that_is_forked")
    ->UseManualTime()
    ->Iterations(3)
    ->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
