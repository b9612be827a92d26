// Carries a plan out: the only step that touches the network.
#pragma once

#include <cstdio>
#include <optional>
#include <vector>

#include "loadgen/beginnings.hpp"
#include "loadgen/plan.hpp"
#include "loadgen/tally.hpp"

namespace contend::loadgen {

struct Run {
  Tally tally;
  std::vector<Tally> parts{};        ///< by Plan::parts(), bad clients too; empty where that is one
  Beginning alone{};                 ///< before the bad clients came, if they came later
  Nanoseconds warmup{};              ///< the beginning whose latencies were left out
  std::optional<bool> stationary{};  ///< the rest; none: too short to say
  /// Of a part of a plan, which leaves nothing out: what all parts together may.
  std::vector<Beginning> beginnings{};
  Nanoseconds elapsed{};
  Clock::time_point origin{};  ///< --start-at, else when the clients began to connect
  bool interrupted = false;
};

/// Blocks until every client is done, the time is up, or we are interrupted. Each second of it goes
/// to `stream` as a line of JSON, unless that is nullptr.
Run run(const Plan& plan, std::FILE* stream = nullptr);

}  // namespace contend::loadgen
