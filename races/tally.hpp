// What one process of experiments counted, before anybody judges it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/process.hpp"
#include "core/report.hpp"
#include "core/sanitizer_report.hpp"

namespace contend::races {

/// Trials arranged in one way.
struct ArrangementTally {
  std::string shape;  ///< arrays or rendezvous
  std::int64_t states = 0;
  std::int64_t elapsed_ns = 0;
  std::map<std::string, std::int64_t> outcomes;
};

/// Where an actor stood when its program hung or crashed.
struct ActorStand {
  std::int64_t actor = 0;            ///< from 1; 0: unknown
  std::string doing;                 ///< "is blocked", "spins", "waits for the others"
  std::vector<std::string> offsets;  ///< into the program
  std::vector<Frame> frames;         ///< the offsets, once looked up
};

struct Crash {
  int signal = 0;
  ActorStand stand;
};

/// A report as ThreadSanitizer's hook told it, inside the process.
struct HookReport {
  std::string kind;
  std::vector<std::vector<Frame>> stacks;
};

struct Tally {
  std::vector<ArrangementTally> arrangements;
  bool is_done = false;  ///< the program came to its end and said so
  std::optional<std::vector<ActorStand>> hang;
  std::optional<Crash> crash;
  std::vector<HookReport> hook_reports;

  Exit exit;
  std::int64_t elapsed_ns = 0;
  SanitizerLog log;  ///< of the ThreadSanitizer lens
  std::string stderr_text;
};

std::int64_t trials(const ArrangementTally& in);
std::int64_t trials(const Tally& in);

/// Every outcome with its count over all arrangements.
std::map<std::string, std::int64_t> outcomes(const Tally& in);

/// The lines a runner wrote; the last tally counts. Lines that are none (an experiment printed
/// something, a crash cut one off) are passed over.
Tally parse_tally(std::string_view lines);

/// Turns offsets into functions, files and lines by addr2line. Without it they stay unknown.
void look_up(ActorStand& stand, const std::filesystem::path& program);

/// "actor 1 is blocked at lock_order.cpp:31 (actor1)".
std::string describe(const ActorStand& stand);

}  // namespace contend::races
