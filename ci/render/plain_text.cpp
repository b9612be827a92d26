#include "ci/render/plain_text.hpp"

#include <fmt/format.h>

namespace contend::ci {

std::string room_of(const Case& of) {
  return of.id.substr(0, of.id.find('/'));
}

std::string frame_text(const Frame& frame) {
  const std::string function = frame.function.empty() ? "(unknown function)" : frame.function;
  if (frame.file.empty()) return function;
  if (frame.line <= 0) return fmt::format("{} {}", function, frame.file);
  return fmt::format("{} {}:{}", function, frame.file, frame.line);
}

std::string finding_text(const Finding& finding) {
  std::string text = fmt::format("{}: {}\n", finding.rule, finding.message);
  if (finding.count > 1) text += fmt::format("reported {} times\n", finding.count);
  for (std::size_t i = 0; i < finding.stacks.size(); ++i) {
    text += fmt::format("  {}\n", i < finding.labels.size() ? finding.labels[i] : "stack");
    for (std::size_t frame = 0; frame < finding.stacks[i].size(); ++frame) {
      text += fmt::format("    #{} {}\n", frame, frame_text(finding.stacks[i][frame]));
    }
  }
  return text;
}

std::string outcomes_text(const Case& of) {
  std::string text;
  for (const Outcome& each : of.outcomes) {
    text += fmt::format("{:>14} {:<11} {} {}\n", each.count, to_string(each.grade), each.seen,
                        each.why);
  }
  return text;
}

std::string metric_value(const Metric& metric) {
  if (metric.value) return fmt::format("{}", *metric.value);
  if (!metric.why) return "n/a";
  return metric.why->starts_with("n/a") ? *metric.why : "n/a (" + *metric.why + ")";
}

}  // namespace contend::ci
