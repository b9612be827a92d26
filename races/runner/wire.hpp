// What the runner tells its parent: one JSON object a line on stdout, each complete in itself, so
// that a crash loses at most the line being written. Plain write(2): it is used in signal handlers.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "races/runner/stress.hpp"

namespace contend::races {

/// The process ended itself because its experiment hung.
inline constexpr int exit_hang = 75;

struct Standing {
  std::size_t actor = 0;  ///< from 1
  const char* doing = "";
  std::vector<void*> frames;
};

/// {"experiment": …}: all that is known about one, without its code.
void write_experiment(const Experiment& experiment, bool is_canary);

/// {"tally": {"done", "arrangements": [{"shape", "states", "elapsed_ns", "outcomes"}]}}
void write_tally(const std::vector<Arrangement>& arrangements, bool is_done);

/// {"hang": {"actors": [{"actor", "doing", "frames"}]}}; frames are offsets into the program.
void write_hang(const std::vector<Standing>& standings);

/// {"crash": {"signal", "frames"}}. Safe in a signal handler.
void write_crash(int signal, void* const* frames, int depth);

}  // namespace contend::races
