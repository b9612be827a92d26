// A program of experiments, run by `races`: lists them, or runs one and tells what it counted.
//
//   PROGRAM list
//   PROGRAM run NAME BUDGET-NS SETTLE-NS SEED nothing|outcome|report
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "races/runner/canary.hpp"
#include "races/runner/hook.hpp"
#include "races/runner/stress.hpp"
#include "races/runner/wire.hpp"

namespace {

using namespace contend::races;

int list() {
  for (const Experiment& experiment : canaries()) write_experiment(experiment, true);
  for (const Experiment& experiment : catalogue()) write_experiment(experiment, false);
  return 0;
}

Awaits awaits(const char* word) {
  if (std::strcmp(word, "outcome") == 0) return Awaits::outcome;
  return std::strcmp(word, "report") == 0 ? Awaits::report : Awaits::nothing;
}

int run(const char* name, const StressPlan& plan) {
  std::vector<Experiment> all = canaries();
  for (Experiment& experiment : catalogue()) all.push_back(std::move(experiment));
  for (const Experiment& experiment : all) {
    if (experiment.name != name) continue;
    stress(experiment, plan, reports_so_far, write_tally);
    return 0;
  }
  std::fprintf(stderr, "no experiment is called %s\n", name);
  return 64;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "list") == 0) return list();
  if (argc != 7 || std::strcmp(argv[1], "run") != 0) {
    std::fprintf(stderr,
                 "usage: %s list | run NAME BUDGET-NS SETTLE-NS SEED nothing|outcome|report\n",
                 argv[0]);
    return 64;
  }
  return run(argv[2], {.budget = std::chrono::nanoseconds(std::atoll(argv[3])),
                       .settle = std::chrono::nanoseconds(std::atoll(argv[4])),
                       .awaits = awaits(argv[6]),
                       .seed = std::strtoull(argv[5], nullptr, 10)});
}
