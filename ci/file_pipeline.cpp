#include "ci/file_pipeline.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "core/file.hpp"
#include "core/report_json.hpp"

#include "ci/run_step.hpp"

namespace contend::ci {
namespace {

using std::filesystem::path;

/// Makes the steps of one pipeline, all in one folder.
class Planner {
 public:
  Planner(const LoadedPipeline& loaded, path steps) : loaded_(loaded), steps_(std::move(steps)) {
    pipeline_.name = "contend.toml";
  }

  Pipeline plan() && {
    for (const LoadEntry& load : loaded_.file.loads) {
      for (const ServerEntry& server : loaded_.file.servers) {
        if (load.server.empty() || load.server == server.name) add_load(load, server);
      }
    }
    for (const ExperimentEntry& each : loaded_.file.experiments) add_experiment(each);
    for (const SuiteEntry& each : loaded_.file.suites) add_suite(each);
    return std::move(pipeline_);
  }

 private:
  void add_load(const LoadEntry& load, const ServerEntry& server) {
    const std::string name = server.name + "-" + load.name;
    std::vector<std::string> argv = load.options;
    argv.insert(argv.end(), {"--name", name});
    if (server.address.empty()) {
      argv.insert(argv.end(), {"--spawn", server.command});
    } else {
      argv.push_back(server.address);
    }
    Step* step = add_program("loadgen", "load-" + name,
                             fmt::format("the load {} against {}", load.name, server.name),
                             std::move(argv), load.budget);
    if (step == nullptr) return;
    step->expect = load.expect;
    step->defect = load.defect;
  }

  void add_experiment(const ExperimentEntry& each) {
    std::string file_name = each.name;
    std::ranges::replace(file_name, '/', '-');
    add_program("races", "experiment-" + file_name, "the experiment " + each.name,
                {"run", each.name, "--modes", each.modes}, each.budget);
  }

  /// One of our own programs, which leaves a report. Null where it is not installed.
  Step* add_program(const std::string& program, const std::string& name, const std::string& title,
                    std::vector<std::string> argv, std::optional<Nanoseconds> budget) {
    const Expected<path> where = find_program(program);
    if (!where) {
      pipeline_.broken.push_back(broken_step(name, title, where.error().message));
      return nullptr;
    }
    argv.insert(argv.begin(), where->string());
    Step step = make_step(name, title, std::move(argv), budget);
    step.report = steps_ / (name + ".json");
    step.command.argv.insert(step.command.argv.end(), {"--json", step.report});
    pipeline_.steps.push_back(std::move(step));
    return &pipeline_.steps.back();
  }

  void add_suite(const SuiteEntry& each) {
    Step step =
        make_step("suite-" + each.name, "the suite " + each.name, each.command, each.budget);
    step.suite = each.name;
    step.expect = each.expect;
    step.defect = each.defect;
    if (step.expect == Expect::clean) list_tests(step, each);
    pipeline_.steps.push_back(std::move(step));
  }

  /// ctest can list its tests in a file, so it is asked to; other commands say where theirs is.
  void list_tests(Step& step, const SuiteEntry& of) const {
    if (!of.junit.empty()) {
      step.junit = loaded_.folder / of.junit;
    } else if (path(of.command.front()).filename() == "ctest") {
      step.junit = steps_ / (step.name + ".junit.xml");
      step.command.argv.insert(step.command.argv.end(), {"--output-junit", step.junit});
    }
  }

  Step make_step(const std::string& name, const std::string& title, std::vector<std::string> argv,
                 std::optional<Nanoseconds> budget) const {
    // So that a file can name our own programs bare, installed or not.
    const char* before = std::getenv("PATH");
    const std::string found = program_folder().string() + ":" + (before != nullptr ? before : "");
    return {
        .name = name,
        .title = title,
        .command = {.argv = std::move(argv), .env = {{"PATH", found}}, .folder = loaded_.folder},
        .log = steps_ / (name + ".log"),
        .budget = budget.value_or(loaded_.file.budget)};
  }

  const LoadedPipeline& loaded_;
  path steps_;
  Pipeline pipeline_;
};

}  // namespace

Expected<LoadedPipeline> load_pipeline(const path& file) {
  const Expected<std::string> text = read_file(file);
  if (!text) return text.error();
  Expected<PipelineFile> parsed = parse_pipeline_file(*text, file.string());
  if (!parsed) return parsed.error();
  std::error_code failed;
  const path whole = std::filesystem::absolute(file, failed);
  if (failed)
    return world_error("finding the folder of " + file.string() + ": " + failed.message());
  LoadedPipeline out{.file = std::move(*parsed), .folder = whole.parent_path(), .gate = {}};
  out.gate.limits = out.file.limits;
  if (!out.file.baseline.empty()) {
    Expected<Report> baseline = load_report(out.folder / out.file.baseline);
    if (!baseline) return baseline.error();
    out.gate.baseline = std::move(*baseline);
  }
  if (!out.file.known.empty()) {
    Expected<Fingerprints> known = load_known_findings(out.folder / out.file.known);
    if (!known) return known.error();
    out.gate.known = std::move(*known);
  }
  return out;
}

Pipeline file_pipeline(const LoadedPipeline& loaded, const path& steps) {
  std::error_code failed;
  std::filesystem::create_directories(steps, failed);
  const path whole = failed ? steps : std::filesystem::absolute(steps, failed);
  if (failed) {
    Pipeline broken{.name = "contend.toml"};
    broken.broken.push_back(broken_step("prepare", "making " + steps.string(), failed.message()));
    return broken;
  }
  return Planner(loaded, whole).plan();
}

}  // namespace contend::ci
