#include "tests/loadgen/loadgen_run.hpp"

#include <stdexcept>

#include "core/file.hpp"
#include "core/report_json.hpp"

namespace contend::loadgen {

const Case& Ran::only() const {
  if (report.cases.size() != 1) throw std::runtime_error("no report; it said: " + text);
  return report.cases.front();
}

double Ran::metric(const std::string& name) const {
  const Metric* found = find_metric(only(), name);
  if (found == nullptr || !found->value) throw std::runtime_error("no metric " + name);
  return *found->value;
}

Ran run_loadgen(std::vector<std::string> arguments, std::chrono::seconds budget) {
  const ScratchFolder folder = *ScratchFolder::make();
  const auto output = folder.path() / "output";
  const auto json = folder.path() / "report.json";
  arguments.insert(arguments.begin(), find_program("loadgen")->string());
  arguments.insert(arguments.end(), {"--json", json.string()});
  Ran ran;
  ran.exit = *run_sanitized({.argv = arguments, .stdout_to = output, .stderr_to = output}, budget);
  ran.text = *read_file(output);
  if (std::filesystem::exists(json)) ran.report = *load_report(json);
  return ran;
}

}  // namespace contend::loadgen
