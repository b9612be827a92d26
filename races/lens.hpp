// A lens: one way to look at an experiment. What `races run --modes` chooses from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/report.hpp"
#include "core/units.hpp"

#include "races/experiment_facts.hpp"

namespace contend::races {

/// One experiment under one lens.
struct Task {
  ExperimentFacts experiment;
  std::filesystem::path programs;  ///< PREFIX of PREFIX-native, PREFIX-tsan, …
  Nanoseconds budget{};            ///< the most a case may take
  std::uint64_t seed = 1;
};

struct Lens {
  const char* name;  ///< as in --modes and at the end of a case's id
  const char* what;  ///< for --help
  /// Runs the task in a process of its own and grades it. Never fails: what goes wrong is a
  /// verdict. The caller fills in id, title, source and, where it is empty, reproduce.
  Case (*look)(const Task&);
};

/// All of them, in the order in which they run.
const std::vector<Lens>& lenses();

/// "native, tsan, …"
std::string lens_names();

/// Null if there is none of that name.
const Lens* find_lens(std::string_view name);

// One function a file: NAME_lens.cpp.
Case look_natively(const Task& task);
Case look_under_tsan(const Task& task);
Case look_by_exploring(const Task& task);

}  // namespace contend::races
