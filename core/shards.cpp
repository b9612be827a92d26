#include "core/shards.hpp"

#include <algorithm>
#include <array>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "core/histogram_codec.hpp"
#include "core/shard_figures.hpp"
#include "core/shard_series.hpp"
#include "core/units.hpp"

namespace contend {
namespace {

// A part's own: not the plan's.
constexpr std::array own{"shard", "descriptors_needed", "descriptors_allowed"};

std::string shown(const boost::json::value* value) {
  return value == nullptr ? "nothing" : boost::json::serialize(*value);
}

std::uint32_t index_of(const Report& report) {
  return shard_of(report)->index;
}

/// Errors: what makes these reports no parts of one plan.
Expected<void> check_same(const std::vector<Report>& parts) {
  const Report& first = parts.front();
  for (const Report& part : parts) {
    const auto shard = shard_of(part);
    if (!shard || part.cases.size() != 1) return world_error("a report that is no shard's");
    const auto refuse = [&](const std::string& what, const std::string& here,
                            const std::string& there) {
      return world_error(
          fmt::format("rank {} is of another run than rank {}: {} is {} there and {}"
                      " here",
                      shard->index, index_of(first), what, there, here));
    };
    if (part.version != first.version || part.host.revision != first.host.revision) {
      return refuse("the program", fmt::format("{} ({})", part.version, part.host.revision),
                    fmt::format("{} ({})", first.version, first.host.revision));
    }
    if (shard->of != shard_of(first)->of) {
      return refuse("the number of shards", std::to_string(shard->of),
                    std::to_string(shard_of(first)->of));
    }
    if (const auto member = plan_difference(part.plan, first.plan)) {
      return refuse(*member, shown(part.plan.if_contains(*member)),
                    shown(first.plan.if_contains(*member)));
    }
  }
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (index_of(parts[i]) != index_of(parts[i - 1])) continue;
    return world_error(fmt::format("there are two reports of rank {}", index_of(parts[i])));
  }
  return {};
}

/// What is neither there nor known to be lost is lost too.
void add_missing(const std::vector<Report>& parts, std::vector<LostShard>& lost) {
  const std::uint32_t of = shard_of(parts.front())->of;
  std::vector<bool> known(of);
  for (const Report& part : parts) known[index_of(part)] = true;
  std::erase_if(lost, [&](const LostShard& each) { return each.index >= of || known[each.index]; });
  for (const LostShard& each : lost) known[each.index] = true;
  for (std::uint32_t i = 0; i < of; ++i) {
    if (!known[i]) lost.push_back({i, "left no report"});
  }
  std::ranges::sort(lost, {}, &LostShard::index);
}

Grade graver(Grade one, Grade other) {
  constexpr std::array order{Grade::acceptable, Grade::interesting, Grade::unknown,
                             Grade::forbidden};
  return std::max(one, other, [&](Grade a, Grade b) {
    return std::ranges::find(order, a) < std::ranges::find(order, b);
  });
}

void add_outcomes(const Case& part, Case& into) {
  for (const Outcome& each : part.outcomes) {
    const auto same = std::ranges::find(into.outcomes, each.seen, &Outcome::seen);
    if (same == into.outcomes.end()) {
      into.outcomes.push_back(each);
      continue;
    }
    same->count += each.count;
    same->grade = graver(same->grade, each.grade);
  }
}

void add_findings(const Case& part, Case& into) {
  for (const Finding& each : part.findings) {
    const auto same = std::ranges::find_if(into.findings, [&](const Finding& known) {
      return known.rule == each.rule && known.fingerprint == each.fingerprint;
    });
    if (same == into.findings.end()) {
      into.findings.push_back(each);
    } else {
      same->count += each.count;
    }
  }
}

std::string rank_word(std::uint64_t count) {
  return fmt::format("{} {}", count, count == 1 ? "rank" : "ranks");
}

/// "rank 2: …; rank 3: …", at most three of those with this verdict.
std::string who_said(const std::vector<Report>& parts, Verdict verdict) {
  constexpr std::size_t most = 3;
  std::string text;
  std::size_t count = 0;
  for (const Report& part : parts) {
    if (part.cases.front().verdict != verdict || count++ >= most) continue;
    text += fmt::format("{}rank {}: {}", text.empty() ? "" : "; ", index_of(part),
                        part.cases.front().reason);
  }
  if (count > most) text += fmt::format("; and {} more likewise", rank_word(count - most));
  return text;
}

std::string told(const Case& merged, const std::vector<Report>& parts,
                 const std::vector<LostShard>& lost) {
  const Metric* answered = find_metric(merged, "messages_answered");
  const std::string count = format_count(
      static_cast<std::int64_t>(answered == nullptr ? 0 : answered->value.value_or(0)));
  if (!lost.empty()) {
    std::string names;
    for (std::size_t i = 0; i < std::min<std::size_t>(3, lost.size()); ++i) {
      names += fmt::format("rank {} {}; ", lost[i].index, lost[i].why);
    }
    if (lost.size() > 3) names += fmt::format("and {} more; ", rank_word(lost.size() - 3));
    return fmt::format("{}the other {} had {} messages answered", names, rank_word(parts.size()),
                       count);
  }
  if (merged.verdict != Verdict::passed) return who_said(parts, merged.verdict);
  return fmt::format("{} together: {} messages answered; {}", rank_word(parts.size()), count,
                     who_said({parts.front()}, merged.verdict));
}

}  // namespace

std::optional<Shard> shard_of(const Report& report) {
  const auto* found = report.plan.if_contains("shard");
  const auto* object = found == nullptr ? nullptr : found->if_object();
  if (object == nullptr) return std::nullopt;
  const auto number = [&](const char* name) -> std::uint32_t {
    const auto* value = object->if_contains(name);
    if (value == nullptr || !value->is_number()) return 0;
    boost::system::error_code error;
    const auto read = value->to_number<std::uint32_t>(error);
    return error ? 0 : read;
  };
  const Shard shard{number("index"), number("of")};
  constexpr std::uint32_t most = 1'000'000;
  if (shard.index >= shard.of || shard.of > most) return std::nullopt;
  return shard;
}

std::optional<std::string> plan_difference(const boost::json::object& one,
                                           const boost::json::object& other) {
  for (const auto* left : {&one, &other}) {
    const auto* right = left == &one ? &other : &one;
    for (const auto& member : *left) {
      if (std::ranges::find(own, member.key()) != own.end()) continue;
      const auto* same = right->if_contains(member.key());
      if (same == nullptr || *same != member.value()) return std::string(member.key());
    }
  }
  return std::nullopt;
}

Expected<Report> merge_shards(std::vector<Report> parts, std::vector<LostShard> lost) {
  if (parts.empty() && lost.empty()) return world_error("no rank left a report");
  if (parts.empty()) {
    return world_error(
        fmt::format("no rank left a report: rank {} {}", lost[0].index, lost[0].why));
  }
  for (const Report& part : parts) {
    if (!shard_of(part)) return world_error("a report that is no shard's");
  }
  std::ranges::stable_sort(parts, {}, index_of);
  if (const auto same = check_same(parts); !same) return same.error();
  add_missing(parts, lost);
  Report merged = parts.front();
  Case& whole = merged.cases.front();
  const auto shards = shard_of(merged)->of;
  merged.plan.erase("shard");
  merged.plan["shards"] = shards;
  whole.outcomes.clear();
  whole.findings.clear();
  for (const Report& part : parts) {
    const Case& each = part.cases.front();
    add_outcomes(each, whole);
    add_findings(each, whole);
    whole.verdict = worst(whole.verdict, each.verdict);
    whole.elapsed_ns = std::max(whole.elapsed_ns, each.elapsed_ns);
    merged.elapsed_ns = std::max(merged.elapsed_ns, part.elapsed_ns);
    merged.interrupted |= part.interrupted;
    merged.started_utc = std::min(merged.started_utc, part.started_utc);
  }
  if (!lost.empty()) whole.verdict = Verdict::errored;
  whole.series = add_series(parts);
  if (const auto added = add_figures(parts, whole); !added) return added.error();
  whole.reason = told(whole, parts, lost);
  return merged;
}

}  // namespace contend
