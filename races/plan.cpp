#include "races/plan.hpp"

#include <algorithm>
#include <random>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "core/process.hpp"

namespace contend::races {
namespace {

bool is_chosen(const ExperimentFacts& experiment, const std::string& name) {
  return experiment.name == name || experiment.name.starts_with(name + "/");
}

Expected<std::vector<const Lens*>> choose_lenses(const std::vector<std::string>& names) {
  std::vector<const Lens*> chosen;
  std::string known;
  for (const Lens& lens : lenses()) {
    known += (known.empty() ? "" : ", ") + std::string(lens.name);
    if (names.empty()) chosen.push_back(&lens);
  }
  for (const std::string& name : names) {
    const Lens* lens = find_lens(name);
    if (lens == nullptr) {
      return usage_error(
          fmt::format("--modes: there is no mode \"{}\"; there are {}", name, known));
    }
    if (std::ranges::find(chosen, lens) == chosen.end()) chosen.push_back(lens);
  }
  return chosen;
}

Expected<std::vector<ExperimentFacts>> choose(const std::vector<ExperimentFacts>& all,
                                              const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (std::ranges::none_of(all, [&](const auto& each) { return is_chosen(each, name); })) {
      return unknown_experiment(name);
    }
  }
  std::vector<ExperimentFacts> chosen;
  std::ranges::copy_if(all, std::back_inserter(chosen), [&](const ExperimentFacts& each) {
    if (names.empty()) return !each.is_canary;
    return std::ranges::any_of(names, [&](const auto& name) { return is_chosen(each, name); });
  });
  return chosen;
}

}  // namespace

Error unknown_experiment(const std::string& name) {
  return usage_error(fmt::format("no experiment is called \"{}\"; `races list` names them", name));
}

Expected<std::filesystem::path> programs_of(const std::string& catalogue) {
  if (!catalogue.empty()) {
    const std::filesystem::path prefix = std::filesystem::absolute(catalogue);
    if (!std::filesystem::exists(prefix.string() + "-native")) {
      return world_error(fmt::format("--catalogue: there is no {}-native", prefix.string()));
    }
    return prefix;
  }
  const auto program = find_program("races-native");
  if (!program) return program.error();
  return program->parent_path() / "races";
}

Expected<Plan> make_plan(const RunOptions& options) {
  Plan plan;
  if (options.time <= Nanoseconds::zero()) {
    return usage_error("--time: 0 leaves no time for a single trial");
  }
  const auto chosen_lenses = choose_lenses(options.modes);
  if (!chosen_lenses) return chosen_lenses.error();
  plan.lenses = *chosen_lenses;
  const auto programs = programs_of(options.catalogue);
  if (!programs) return programs.error();
  plan.programs = *programs;
  plan.catalogue_option = options.catalogue;
  const auto all = facts_of(plan.programs.string() + "-native");
  if (!all) return all.error();
  const auto chosen = choose(*all, options.names);
  if (!chosen) return chosen.error();
  for (const ExperimentFacts& each : *all) {
    if (each.is_canary) plan.canaries.push_back(each);
  }
  std::ranges::copy_if(*chosen, std::back_inserter(plan.experiments),
                       [](const ExperimentFacts& each) { return !each.is_canary; });
  plan.time = options.time;
  plan.seed = options.seed.value_or(std::random_device{}());
  return plan;
}

boost::json::object to_json(const Plan& plan) {
  boost::json::array experiments;
  for (const ExperimentFacts& each : plan.experiments) experiments.emplace_back(each.name);
  boost::json::array modes;
  for (const Lens* lens : plan.lenses) modes.emplace_back(lens->name);
  return {{"experiments", std::move(experiments)},
          {"modes", std::move(modes)},
          {"time_ns", plan.time.count()},
          {"seed", plan.seed},
          {"programs", plan.programs.string()},
          {"repeatable",
           "delays, placement and the order of rounds follow the seed; how the "
           "machine interleaves two threads does not"}};
}

}  // namespace contend::races
