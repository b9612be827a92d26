#include "loadgen/assertion.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "core/quantile_metrics.hpp"
#include "core/units.hpp"

namespace contend::loadgen {
namespace {

using Relation = Assertion::Relation;

struct Sign {
  std::string_view text;
  Relation relation;
};

// The longer ones first, since "<" is part of "<=".
constexpr std::array<Sign, 6> signs{{{"<=", Relation::at_most},
                                     {">=", Relation::at_least},
                                     {"==", Relation::equal},
                                     {"!=", Relation::unequal},
                                     {"<", Relation::less},
                                     {">", Relation::greater}}};

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::string full_name(std::string_view name) {
  if (name == "rate") return "throughput_per_second";
  if (name == "errors") return "errors_total";
  if (name == "max") return "intended_max_ns";
  for (const Quantile& each : reported_quantiles) {
    if (name == each.title) return fmt::format("intended_{}_ns", each.name);
  }
  const bool quantile = name.size() >= 2 && name[0] == 'p' &&
                        name.find_first_not_of("0123456789", 1) == std::string_view::npos;
  return quantile ? fmt::format("intended_{}_ns", name) : std::string(name);
}

/// A plain number, with k, M or G, and "/s" for those who like to write it.
Expected<double> parse_number(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data(), end, value);
  std::string_view suffix(rest, static_cast<std::size_t>(end - rest));
  if (suffix.ends_with("/s")) suffix.remove_suffix(2);
  const double factor = suffix.empty()                   ? 1
                        : suffix == "k" || suffix == "K" ? 1e3
                        : suffix == "M"                  ? 1e6
                        : suffix == "G"                  ? 1e9
                                                         : 0;
  value *= factor;
  if (failed != std::errc{} || factor == 0 || !std::isfinite(value)) {
    return usage_error(fmt::format("\"{}\" is not a number", text));
  }
  return value;
}

Expected<double> parse_limit(const std::string& metric, std::string_view text) {
  if (metric.ends_with("_ns")) {
    const Expected<Nanoseconds> time = parse_duration(text);
    if (!time) return time.error();
    return static_cast<double>(time->count());
  }
  if (metric.ends_with("_bytes")) {
    const Expected<std::uint64_t> bytes = parse_bytes(text);
    if (!bytes) return bytes.error();
    return static_cast<double>(*bytes);
  }
  return parse_number(text);
}

/// A metric's limit is read as the most, or the least, that is good. What does not bound that side
/// has no place there; of two that do, the stricter stays.
void note_limit(const Assertion& assertion, Metric& metric) {
  const Relation relation = assertion.relation;
  if (relation == Relation::equal || relation == Relation::unequal) return;
  const bool at_most = relation == Relation::less || relation == Relation::at_most;
  if (metric.better != (at_most ? Better::lower : Better::higher)) return;
  const double before = metric.limit.value_or(assertion.limit);
  metric.limit = at_most ? std::min(before, assertion.limit) : std::max(before, assertion.limit);
}

}  // namespace

bool Assertion::holds(double value) const {
  switch (relation) {
    case Relation::less:
      return value < limit;
    case Relation::at_most:
      return value <= limit;
    case Relation::greater:
      return value > limit;
    case Relation::at_least:
      return value >= limit;
    case Relation::equal:
      return value == limit;
    case Relation::unequal:
      return value != limit;
  }
  return false;
}

Expected<Assertion> parse_assertion(std::string_view text) {
  for (const Sign& sign : signs) {
    const auto at = text.find(sign.text);
    if (at == std::string_view::npos) continue;
    const std::string_view name = trim(text.substr(0, at));
    if (name.empty()) break;
    Assertion assertion{
        .text = std::string(text), .metric = full_name(name), .relation = sign.relation};
    const Expected<double> limit =
        parse_limit(assertion.metric, trim(text.substr(at + sign.text.size())));
    if (!limit) return limit.error();
    assertion.limit = *limit;
    return assertion;
  }
  return usage_error(fmt::format("\"{}\" is not METRIC<VALUE, with one of < <= > >= == !=", text));
}

Asserted check(const Assertion& assertion, Case& result) {
  for (Metric& metric : result.metrics) {
    if (metric.name != assertion.metric) continue;
    note_limit(assertion, metric);
    if (!metric.value) {
      return {Verdict::inconclusive,
              fmt::format("{}: {}", assertion.text, metric.why.value_or("no data"))};
    }
    return {
        assertion.holds(*metric.value) ? Verdict::passed : Verdict::failed,
        fmt::format("{}: it was {}", assertion.text, format_quantity(*metric.value, metric.unit))};
  }
  return {Verdict::inconclusive, fmt::format("{}: no such metric in this run", assertion.text)};
}

}  // namespace contend::loadgen
