#include "ci/limit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "core/printable.hpp"
#include "core/quantile_metrics.hpp"
#include "core/units.hpp"

namespace contend::ci {
namespace {

/// The short names of loadgen's assertions.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> short_names{{
    {"max", "intended_max_ns"},
    {"rate", "throughput_per_second"},
    {"errors", "errors_total"},
}};

std::string full_name(std::string_view name) {
  for (const auto& [brief, full] : short_names) {
    if (brief == name) return std::string(full);
  }
  for (const Quantile& each : reported_quantiles) {
    if (name == each.name || name == each.title) return fmt::format("intended_{}_ns", each.name);
  }
  return std::string(name);
}

/// Times as nanoseconds, everything else as a plain number or a count with a multiplier.
Expected<double> parse_value(std::string_view text, std::string_view metric) {
  if (metric.ends_with("_ns")) {
    const Expected<Nanoseconds> duration = parse_duration(text);
    if (!duration) return duration.error();
    return static_cast<double>(duration->count());
  }
  const std::string whole(text);
  char* end = nullptr;
  const double number = std::strtod(whole.c_str(), &end);
  if (end == whole.c_str() + whole.size() && !whole.empty() && std::isfinite(number)) return number;
  const Expected<std::uint64_t> count = parse_count(text);
  if (!count) return count.error();
  return static_cast<double>(*count);
}

std::string shown(double value, const Metric& metric) {
  return format_quantity(value, metric.unit);
}

bool is_within(const Limit& limit, double value) {
  if (value == limit.value) return !limit.is_strict;
  return limit.at_most ? value < limit.value : value > limit.value;
}

}  // namespace

Expected<Limit> parse_limit(std::string_view text) {
  const auto bad = [&](const std::string& why) {
    return usage_error(fmt::format("the limit \"{}\" {}", printable(text, 100), why));
  };
  const std::size_t sign = text.find_first_of("<>");
  if (sign == std::string_view::npos) return bad("has neither < nor >");
  Limit limit{.at_most = text[sign] == '<'};
  std::string_view name = text.substr(0, sign);
  if (const std::size_t colon = name.rfind(':'); colon != std::string_view::npos) {
    limit.cases = name.substr(0, colon);
    name.remove_prefix(colon + 1);
  }
  if (name.empty()) return bad("names no metric");
  limit.metric = full_name(name);
  std::string_view value = text.substr(sign + 1);
  limit.is_strict = !value.starts_with('=');
  if (!limit.is_strict) value.remove_prefix(1);
  const Expected<double> number = parse_value(value, limit.metric);
  if (!number) return bad("has no value: " + number.error().message);
  limit.value = *number;
  return limit;
}

std::string to_string(const Limit& limit) {
  const std::string value = limit.metric.ends_with("_ns") ? format_duration_ns(limit.value)
                                                          : fmt::format("{}", limit.value);
  return fmt::format("{}:{}{}{}{}", limit.cases, limit.metric, limit.at_most ? '<' : '>',
                     limit.is_strict ? "" : "=", value);
}

Case hold(const Limit& limit, const Report& report) {
  Case out{.id = "gate/limit/" + to_string(limit), .title = "a limit"};
  std::size_t held = 0;
  for (const Case& each : report.cases) {
    const Metric* metric =
        matches(limit.cases, each.id) ? find_metric(each, limit.metric) : nullptr;
    if (metric == nullptr || !metric->value) continue;
    ++held;
    if (is_within(limit, *metric->value)) continue;
    out.verdict = Verdict::failed;
    out.reason += fmt::format("{}{} of {} is {}", out.reason.empty() ? "" : "; ", limit.metric,
                              each.id, shown(*metric->value, *metric));
  }
  if (out.verdict == Verdict::failed) return out;
  out.verdict = held > 0 ? Verdict::passed : Verdict::inconclusive;
  out.reason = held > 0 ? fmt::format("held by {} case{}", held, held == 1 ? "" : "s")
                        : "no case has a value that this limit could be held against";
  return out;
}

std::vector<Limit> own_limits(const Report& report) {
  std::vector<Limit> out;
  for (const Case& each : report.cases) {
    for (const Metric& metric : each.metrics) {
      if (!metric.limit || metric.better == Better::neither) continue;
      out.push_back({each.id, metric.name, metric.better == Better::lower, *metric.limit});
    }
  }
  return out;
}

bool matches(std::string_view pattern, std::string_view id) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == id;
  if (!id.starts_with(pattern.substr(0, star))) return false;
  id.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  for (std::size_t skipped = 0; skipped <= id.size(); ++skipped) {
    if (matches(pattern, id.substr(skipped))) return true;
  }
  return false;
}

}  // namespace contend::ci
