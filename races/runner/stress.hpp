// The stress runner: long-lived, pinned actors over arrays of states, released together, for as
// long as it takes. Counts outcomes; what they mean is graded elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include <contend/races.hpp>

namespace contend::races {

/// What a run waits for before it settles.
enum class Awaits {
  nothing,
  outcome,  ///< the first forbidden one
  report    ///< the sanitizer's first; losses under a sanitizer come from its own pauses
};

struct StressPlan {
  std::chrono::nanoseconds budget{};  ///< the most it may take
  std::chrono::nanoseconds settle{};  ///< how long to run when nothing is awaited, or after it came
  Awaits awaits = Awaits::nothing;
  std::uint64_t seed = 1;  ///< of delays, placement and the order of rounds
};

/// One way to arrange trials, and what came of it.
struct Arrangement {
  bool is_rendezvous = false;
  std::size_t states = 0;  ///< in one batch
  std::size_t step = 1;    ///< from one to the next, in states: 1 where they lie side by side
  std::chrono::nanoseconds elapsed{};
  Counts counts;
};

/// Everything counted so far, one entry an arrangement tried.
using Progress = std::function<void(const std::vector<Arrangement>&, bool is_done)>;

/// Runs `experiment` and reports now and then, and at the end. A hang ends the process: its threads
/// cannot be taken back; where each actor stood is told first.
/// `reports` counts what a sanitizer has reported in this process so far.
void stress(const Experiment& experiment, const StressPlan& plan,
            const std::function<unsigned()>& reports, const Progress& progress);

}  // namespace contend::races
