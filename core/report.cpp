#include "core/report.hpp"

#include <algorithm>

namespace contend {

const char* to_string(Grade grade) {
  switch (grade) {
    case Grade::acceptable:
      return "acceptable";
    case Grade::interesting:
      return "interesting";
    case Grade::forbidden:
      return "forbidden";
    case Grade::unknown:
      return "unknown";
  }
  return "unknown";
}

Verdict overall(const Report& report) {
  if (report.cases.empty()) return Verdict::inconclusive;
  Verdict verdict = Verdict::skipped;
  for (const Case& each : report.cases) verdict = worst(verdict, each.verdict);
  return verdict;
}

int exit_code(const Report& report) {
  return report.interrupted ? exit_interrupted : exit_code(overall(report));
}

const Metric* find_metric(const Case& in, std::string_view name) {
  const auto found = std::ranges::find(in.metrics, name, &Metric::name);
  return found == in.metrics.end() ? nullptr : &*found;
}

}  // namespace contend
