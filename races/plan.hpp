// Options of `races run`, and the plan they make: every experiment and lens named, the seed chosen.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "core/expected.hpp"
#include "core/units.hpp"

#include "races/experiment_facts.hpp"
#include "races/lens.hpp"

namespace contend::races {

struct RunOptions {
  std::vector<std::string> names;  ///< experiments, or the subject of several; none: all
  std::vector<std::string> modes;  ///< lenses; none: all
  Nanoseconds time = std::chrono::seconds(30);
  std::optional<std::uint64_t> seed;
  std::string json;       ///< where the report goes; empty: nowhere
  std::string catalogue;  ///< PREFIX of the programs of experiments; empty: those that ship
  bool dry_run = false;
};

struct Plan {
  std::filesystem::path programs;
  std::string catalogue_option;  ///< what the user said, for the commands that reproduce
  std::vector<ExperimentFacts> canaries;
  std::vector<ExperimentFacts> experiments;
  std::vector<const Lens*> lenses;
  Nanoseconds time{};
  std::uint64_t seed = 1;
};

/// The sentence about a name that nobody has.
Error unknown_experiment(const std::string& name);

/// PREFIX of the programs of experiments. Errors: they are not there.
Expected<std::filesystem::path> programs_of(const std::string& catalogue);

/// Errors: a name or a mode that nobody knows (usage), programs that are not there (world).
Expected<Plan> make_plan(const RunOptions& options);

/// As --dry-run prints it and the report keeps it.
boost::json::object to_json(const Plan& plan);

}  // namespace contend::races
