#include "ci/render/openmetrics.hpp"

#include <cctype>
#include <map>

#include <fmt/format.h>

#include "core/printable.hpp"

namespace contend::ci {
namespace {

struct Family {
  std::string unit;
  std::string samples;
};

std::string label_value(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

/// "contend_intended_p99_seconds" of "intended_p99_ns"; a unit must end the name that has it.
std::string family_name(const Metric& metric) {
  std::string name = "contend_" + metric.name;
  if (metric.unit == "ns") {
    if (name.ends_with("_ns")) name.resize(name.size() - 3);
    name += "_seconds";
  }
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

void add(Family& family, const std::string& name, const Case& of, double value) {
  family.samples += fmt::format("{}{{case=\"{}\"}} {}\n", name, label_value(of.id), value);
}

}  // namespace

std::string render_openmetrics(const Report& report) {
  std::map<std::string, Family> families;
  for (const Case& each : report.cases) {
    add(families["contend_verdict"], "contend_verdict", each, static_cast<double>(each.verdict));
    for (const Metric& metric : each.metrics) {
      if (!metric.value) continue;
      const std::string name = family_name(metric);
      const bool time = metric.unit == "ns";
      families[name].unit = time ? "seconds" : "";
      add(families[name], name, each, time ? *metric.value / 1e9 : *metric.value);
    }
  }
  std::string text;
  for (const auto& [name, family] : families) {
    text += fmt::format("# TYPE {} gauge\n", name);
    if (!family.unit.empty()) text += fmt::format("# UNIT {} {}\n", name, family.unit);
    text += family.samples;
  }
  return text + "# EOF\n";
}

}  // namespace contend::ci
