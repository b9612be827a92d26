// Other processes of this program that carry parts of a plan out, watched until the last is gone.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/report.hpp"
#include "core/shards.hpp"

#include "loadgen/plan.hpp"

namespace contend::loadgen {

/// The parts first, first + 1, … of `of` in all.
struct Crew {
  std::uint32_t first = 0;
  std::uint32_t count = 1;
  std::uint32_t of = 1;
};

/// What they left.
struct Harvest {
  std::vector<Report> reports;
  std::vector<LostShard> lost;
  std::vector<Metric> metrics{};  ///< of the whole, besides those of the parts
};

/// The rest of the world, for a crew that is not alone.
struct CrewCalls {
  /// All are ready: when to start, since the epoch. An error ends the run.
  std::function<Expected<Nanoseconds>()> agree_start;
  /// Asked many times a second, with whether one of ours is lost or could not go on; false ends the
  /// run.
  std::function<bool(bool lost)> go_on;
  /// A part has told what it has counted so far, as the text of a Snapshot, which costs something
  /// to read; the last time when it has ended.
  std::function<void(std::uint32_t part, std::string figures)> saw;
};

/// Runs them to their end. Where one dies, hangs or cannot start, the others are told to stop and
/// report, and it is named. Errors: a folder for their files cannot be made, those of agree_start.
Expected<Harvest> run_crew(const Plan& plan, const Crew& crew, const CrewCalls& calls);

}  // namespace contend::loadgen
