#include "loadgen/rude_grade.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/units.hpp"

namespace contend::loadgen {
namespace {

/// Nobody's behaviour is an excuse for these.
constexpr std::array inexcusable{Cause::corrupt, Cause::duplicated, Cause::reordered,
                                 Cause::foreign, Cause::surplus};

void add_findings(Behaviour behaviour, const Tally& tally, Case& result) {
  for (const Cause cause : all_causes()) {
    if (tally.errors[cause] == 0) continue;
    const bool wrong = std::ranges::find(inexcusable, cause) != inexcusable.end();
    const auto first = std::ranges::find(tally.faults, cause, &Fault::cause);
    const std::string rule = fmt::format("loadgen.{}.{}", name_of(behaviour), name_of(cause));
    const std::string what =
        first == tally.faults.end() ? std::string(describe(cause)) : describe(*first);
    result.findings.push_back({.rule = rule,
                               .level = wrong ? Level::error : Level::note,
                               .message = fmt::format("{} client: {}", name_of(behaviour), what),
                               .count = static_cast<std::int64_t>(tally.errors[cause]),
                               .fingerprint = rule});
    if (!wrong) continue;
    result.verdict = worst(result.verdict, Verdict::failed);
    result.reason = fmt::format("{} {} to {} clients; {}", tally.errors[cause], name_of(cause),
                                name_of(behaviour), result.reason);
  }
}

/// "; beside 4 bad clients p99 was 1.2 ms, before they came 1.1 ms"
std::string what_they_did(const Plan& plan, const Case& result) {
  const Metric* beside = find_metric(result, "beside_p99_ns");
  const Metric* alone = find_metric(result, "alone_p99_ns");
  std::string text = fmt::format("; beside {} bad clients p99 was ", plan.rude_clients());
  text += beside->value ? format_duration_ns(*beside->value) : "n/a";
  if (!plan.duration) return text;
  return text + ", before they came " + (alone->value ? format_duration_ns(*alone->value) : "n/a");
}

}  // namespace

void judge_rude(const Plan& plan, const Run& run, Case& result) {
  if (plan.rude.empty()) return;
  for (std::size_t i = 0; i < plan.rude.size(); ++i) {
    const std::size_t part = plan.destinations.size() + i;
    if (part < run.parts.size()) add_findings(plan.rude[i].behaviour, run.parts[part], result);
  }
  result.reason += what_they_did(plan, result);
}

}  // namespace contend::loadgen
