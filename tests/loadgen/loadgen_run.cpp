#include "tests/loadgen/loadgen_run.hpp"

#include <stdexcept>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

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

double sum_of_stream(const std::string& text, const char* member) {
  double sum = 0;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    const auto object = boost::json::parse(text.substr(at, text.find('\n', at) - at)).as_object();
    for (const char* each :
         {"t", "rate_per_second", "answered", "errors", "outstanding", "p99_ns"}) {
      EXPECT_TRUE(object.contains(each)) << each;
    }
    sum += object.at(member).to_number<double>();
  }
  return sum;
}

}  // namespace contend::loadgen
