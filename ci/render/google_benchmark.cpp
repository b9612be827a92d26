#include "ci/render/google_benchmark.hpp"

#include <map>

#include <boost/json.hpp>

#include "core/json_text.hpp"
#include "core/printable.hpp"

#include "ci/compare.hpp"

namespace contend::ci {
namespace {

namespace json = boost::json;

json::object context(const Report& report) {
  return {{"date", valid_utf8(report.started_utc)},
          {"host_name", ""},
          {"executable", valid_utf8(report.tool)},
          {"num_cpus", report.host.cpus},
          {"mhz_per_cpu", 0},
          {"cpu_scaling_enabled", false},
          {"caches", json::array()},
          {"load_avg", json::array()},
          {"library_build_type", report.host.build_type == "Debug" ? "debug" : "release"}};
}

json::object benchmark(const std::string& name, double time_ns, int repetition) {
  return {{"name", name},
          {"run_name", name},
          {"run_type", "iteration"},
          {"repetitions", 0},
          {"repetition_index", repetition},
          {"threads", 1},
          {"iterations", 1},
          {"real_time", time_ns},
          {"cpu_time", time_ns},
          {"time_unit", "ns"}};
}

}  // namespace

std::string render_google_benchmark(const Report& report) {
  json::array benchmarks;
  std::map<std::string, int> repetitions;
  for (const Case& each : report.cases) {
    const std::string id = base_id(each.id);
    const int repetition = repetitions[id]++;
    for (const Metric& metric : each.metrics) {
      const bool rate = metric.name.ends_with("_per_second");
      if (!metric.value || (metric.unit != "ns" && !rate) || (rate && *metric.value <= 0)) continue;
      const double time_ns = rate ? 1e9 / *metric.value : *metric.value;
      json::object entry = benchmark(valid_utf8(id + "/" + metric.name), time_ns, repetition);
      if (rate) entry["items_per_second"] = *metric.value;
      benchmarks.emplace_back(std::move(entry));
    }
  }
  return json_text(
      json::object{{"context", context(report)}, {"benchmarks", std::move(benchmarks)}});
}

}  // namespace contend::ci
