#include "loadgen/grade.hpp"

#include <algorithm>
#include <csignal>

#include <fmt/format.h>

#include "core/histogram_codec.hpp"
#include "core/shard_warm_up.hpp"
#include "core/units.hpp"

#include "loadgen/metrics.hpp"
#include "loadgen/rude_grade.hpp"
#include "loadgen/self_check.hpp"

namespace contend::loadgen {
namespace {

struct Ruling {
  Verdict verdict;
  std::string reason;
};

std::string clients(std::uint64_t count) {
  return count == 1 ? "1 client" : format_count(static_cast<std::int64_t>(count)) + " clients";
}

std::string connections(std::uint64_t count) {
  return count == 1 ? "1 connection"
                    : format_count(static_cast<std::int64_t>(count)) + " connections";
}

std::string messages(std::uint64_t count) {
  return count == 1 ? "1 message" : format_count(static_cast<std::int64_t>(count)) + " messages";
}

Nanoseconds longest_wait(const Tally& tally, bool served) {
  Nanoseconds longest{0};
  for (const FirstAnswer& each : tally.first_answers) {
    if (each.served == served) longest = std::max(longest, each.wait);
  }
  return longest;
}

/// "6 clients were served, 4 starved: client 3 waited 5 s and never got a byte …"
std::string who_was_served(const Tally& tally) {
  const auto served = static_cast<std::uint64_t>(
      std::ranges::count(tally.first_answers, true, &FirstAnswer::served));
  const std::uint64_t starved = tally.first_answers.size() - served;
  if (starved == 0) {
    return fmt::format("{} served, the longest wait for a first answer was {}",
                       served == 1 ? "the only client was" : "all " + clients(served) + " were",
                       format_duration(longest_wait(tally, true)));
  }
  return fmt::format(
      "{} of {} served; {} starved, having waited up to {} without a single byte, as happens with "
      "a "
      "server that serves one client at a time",
      served, clients(served + starved) + (served == 1 ? " was" : " were"), starved,
      format_duration(longest_wait(tally, false)));
}

std::string causes(const CauseCounts& errors) {
  std::string text;
  for (const Cause cause : all_causes()) {
    if (errors[cause] == 0) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", format_count(static_cast<std::int64_t>(errors[cause])),
                        name_of(cause));
  }
  return text;
}

std::optional<Ruling> judge_server(const std::optional<ServerEnd>& server) {
  if (!server) return std::nullopt;
  if (server->sanitizer.broken) return Ruling{Verdict::errored, *server->sanitizer.broken};
  if (server->died) {
    return Ruling{Verdict::failed,
                  fmt::format("the server {} during the run{}{}", describe(server->exit),
                              server->last_words.empty() ? "" : "; it said: ", server->last_words)};
  }
  const auto& findings = server->sanitizer.findings;
  if (!findings.empty()) {
    return Ruling{Verdict::failed,
                  fmt::format("the server's sanitizer reported {} {}", findings.size(),
                              findings.size() == 1 ? "defect" : "defects")};
  }
  // The exit code that sanitizers use, and nothing that we could read: not to be taken for clean.
  if (server->exit.code == 66) {
    return Ruling{Verdict::errored,
                  "the server exited with 66, as sanitizers do, but no report of one was found"};
  }
  const bool crashed = server->exit.signal && *server->exit.signal != SIGTERM && !server->forced;
  if (crashed) {
    return Ruling{Verdict::failed, "the server, asked to stop, " + describe(server->exit)};
  }
  return std::nullopt;
}

std::string_view what_was_checked(const Plan& plan) {
  if (plan.script) return "each as the script expects";
  return plan.verify ? "every byte right" : "bytes not verified";
}

Ruling judge_completeness(const Plan& plan, const Run& run) {
  const Tally& tally = run.tally;
  const std::uint64_t unsent = tally.planned - tally.sent;
  if (tally.unfinished + unsent > 0 && !run.interrupted) {
    return {Verdict::failed, fmt::format("{} of {} not answered within {} after the end; {}",
                                         messages(tally.unfinished + unsent),
                                         format_count(static_cast<std::int64_t>(tally.planned)),
                                         format_duration(plan.drain), who_was_served(tally))};
  }
  return {Verdict::passed, fmt::format("{}, {}; {}", messages(tally.answered),
                                       what_was_checked(plan), who_was_served(tally))};
}

/// "connecting to 127.0.0.1:1: Connection refused", if nobody got through to one of the targets.
std::optional<std::string> unreachable_target(const Plan& plan, const Run& run) {
  const auto describe_if = [&](const Tally& tally,
                               std::size_t index) -> std::optional<std::string> {
    if (tally.connections > 0 || tally.connect_error.empty()) return std::nullopt;
    return fmt::format("connecting to {}: {}", to_string(plan.destinations[index].target),
                       tally.connect_error);
  };
  if (run.parts.empty()) return describe_if(run.tally, 0);
  for (std::size_t i = 0; i < std::min(run.parts.size(), plan.destinations.size()); ++i) {
    if (auto found = describe_if(run.parts[i], i)) return found;
  }
  return std::nullopt;
}

/// What the bytes and the clients say.
Ruling judge_load(const Plan& plan, const Run& run) {
  const Tally& tally = run.tally;
  if (const auto lost = broken_account(tally)) return {Verdict::errored, *lost};
  if (const auto wrong = broken_latencies(plan, run)) return {Verdict::errored, *wrong};
  if (const auto unreachable = unreachable_target(plan, run)) {
    return {Verdict::errored, *unreachable};
  }
  if (const std::uint64_t ours = tally.errors[Cause::local_exhausted]; ours > 0) {
    return {Verdict::errored,
            fmt::format("this machine ran out of ports, descriptors or memory for {}, which says "
                        "nothing about the server ({}){}{}",
                        connections(ours), causes(tally.errors),
                        tally.connect_error.empty() ? "" : "; ", tally.connect_error)};
  }
  if (tally.errors.total() > 0) {
    return {Verdict::failed, fmt::format("{} of {} failed ({}); {}", messages(tally.failed),
                                         format_count(static_cast<std::int64_t>(tally.sent)),
                                         causes(tally.errors), who_was_served(tally))};
  }
  if (tally.answered == 0) {
    return {Verdict::inconclusive, "no message was answered, so nothing was shown"};
  }
  if (const auto limit = generator_was_the_limit(plan, run)) return {Verdict::inconclusive, *limit};
  if (tally.unconnected > 0 && !run.interrupted) {
    return {Verdict::inconclusive,
            fmt::format("{} of {} not connected when it ended: it was too short for so many",
                        format_count(static_cast<std::int64_t>(tally.unconnected)),
                        clients(plan.clients_here()) + " were")};
  }
  return judge_completeness(plan, run);
}

std::vector<Finding> load_findings(const Tally& tally) {
  std::vector<Finding> findings;
  for (const Cause cause : all_causes()) {
    if (tally.errors[cause] == 0) continue;
    const auto first = std::ranges::find(tally.faults, cause, &Fault::cause);
    const std::string rule = fmt::format("loadgen.{}", name_of(cause));
    findings.push_back(
        {.rule = rule,
         .message = first == tally.faults.end() ? std::string(describe(cause)) : describe(*first),
         .count = static_cast<std::int64_t>(tally.errors[cause]),
         .fingerprint = rule});
  }
  return findings;
}

std::vector<Outcome> outcomes(const Tally& tally) {
  const auto outcome = [](const char* seen, std::uint64_t count, Grade grade, const char* why) {
    return Outcome{seen, static_cast<std::int64_t>(count), grade, why};
  };
  const auto forbidden_if = [](std::uint64_t count) {
    return count > 0 ? Grade::forbidden : Grade::acceptable;
  };
  return {outcome("answered", tally.answered, Grade::acceptable, "every byte was the expected one"),
          outcome("failed", tally.failed, forbidden_if(tally.failed), "see the findings"),
          outcome("unfinished", tally.unfinished,
                  tally.unfinished > 0 ? Grade::unknown : Grade::acceptable,
                  "no answer when the run ended")};
}

/// How many clients had been served at which time: the picture of starvation.
Series served_over_time(const Tally& tally) {
  std::vector<Nanoseconds> waits;
  for (const FirstAnswer& each : tally.first_answers) {
    if (each.served) waits.push_back(each.wait);
  }
  std::ranges::sort(waits);
  Series series{.name = "clients_served", .unit = "", .points = {}};
  const std::size_t step = std::max<std::size_t>(1, waits.size() / 100);
  for (std::size_t i = 0; i < waits.size(); ++i) {
    const bool last = i + 1 == waits.size();
    if (i % step != 0 && !last) continue;
    series.points.push_back(
        {static_cast<double>(waits[i].count()) / 1e9, static_cast<double>(i + 1)});
  }
  return series;
}

std::vector<Series> over_time(const Tally& tally) {
  std::vector<Series> all = tally.timeline.series();
  all.insert(all.begin(), served_over_time(tally));
  return all;
}

std::vector<Distribution> distributions(const Plan& plan, const Run& run) {
  const Tally& tally = run.tally;
  std::vector<Distribution> all{to_distribution("intended", tally.intended),
                                to_distribution("service", tally.service),
                                to_distribution("connect", tally.connect)};
  if (plan.rate) all.push_back(to_distribution("lag", tally.lag));
  for (std::size_t i = 0; i < run.beginnings.size(); ++i) {
    const auto& beginning = run.beginnings[i];
    all.push_back(to_distribution(beginning_of("intended", i + 1), beginning.intended));
    all.push_back(to_distribution(beginning_of("service", i + 1), beginning.service));
    if (plan.rate) all.push_back(to_distribution(beginning_of("lag", i + 1), beginning.lag));
  }
  return all;
}

void add_server_counts(const std::optional<ServerStats>& stats, Case& result) {
  const auto add = [&](const char* name, auto value, const char* unit = "") {
    Metric metric{.name = name, .unit = unit};
    if (stats) {
      metric.value = static_cast<double>(value);
    } else {
      metric.why = "the server left no --stats";
    }
    result.metrics.push_back(std::move(metric));
  };
  const ServerStats counts = stats.value_or(ServerStats{});
  add("server_connections_accepted", counts.connections_accepted);
  add("server_bytes_in", counts.bytes_in, "bytes");
  add("server_bytes_out", counts.bytes_out, "bytes");
  add("server_bytes_unaccounted", counts.bytes_unaccounted, "bytes");
  add("server_faults_injected", counts.faults_injected);
  if (counts.lost_updates) add("lost_updates", *counts.lost_updates);
}

/// Where every message was sent and answered, both sides must have counted the same bytes. Bad
/// clients leave before theirs are read.
std::optional<Ruling> judge_counts(const Plan& plan, const Case& result,
                                   const std::optional<ServerEnd>& server) {
  if (!server || !server->stats || !plan.rude.empty()) return std::nullopt;
  if (result.verdict != Verdict::passed) return std::nullopt;
  const Metric* sent = find_metric(result, "bytes_sent");
  const auto counted = static_cast<double>(server->stats->bytes_in);
  if (sent == nullptr || !sent->value || *sent->value == counted) return std::nullopt;
  return Ruling{Verdict::failed, fmt::format("the clients sent {} bytes, and the server counted {}",
                                             format_count(static_cast<std::int64_t>(*sent->value)),
                                             format_count(static_cast<std::int64_t>(counted)))};
}

/// Whether a generator without time makes it worse: times and rates always, counts of a run that
/// the clock ends.
bool depends_on_our_speed(const Plan& plan, std::string_view metric) {
  return plan.duration || metric.ends_with("_ns") || metric.ends_with("_per_second");
}

/// Assertions come last: they may be on any metric. One that fails while the generator was at its
/// own limit shows nothing about the server, if that can be why.
void judge_assertions(const Plan& plan, Case& result) {
  const auto value = [&result](const char* name) {
    const Metric* metric = find_metric(result, name);
    return metric == nullptr ? 0 : metric->value.value_or(0);
  };
  for (const Assertion& assertion : plan.assertions) {
    Asserted asserted = check(assertion, result);
    const bool may_be_ours =
        depends_on_our_speed(plan, assertion.metric) &&
        is_saturated(value("generator_cpu_ratio"), value("generator_wait_ratio"));
    if (asserted.verdict == Verdict::failed && may_be_ours) {
      asserted.verdict = Verdict::inconclusive;
      asserted.reason += ", but the generator was at its own limit";
    }
    if (asserted.verdict == Verdict::passed) continue;
    result.reason = asserted.reason + "; " + result.reason;
    result.verdict = worst(result.verdict, asserted.verdict);
  }
}

}  // namespace

Case grade_load(const Plan& plan, const Run& run) {
  const Ruling ruling = judge_load(plan, run);
  Case result{.id = case_id(plan),
              .title = fmt::format("{} against {}, every byte {}", clients(plan.connections),
                                   plan.name, plan.verify ? "verified" : "counted"),
              .verdict = ruling.verdict,
              .reason = ruling.reason,
              .elapsed_ns = run.elapsed.count(),
              .outcomes = outcomes(run.tally),
              .metrics = metrics_of(plan, run),
              .distributions = distributions(plan, run),
              .series = over_time(run.tally),
              .findings = load_findings(run.tally),
              .reproduce = plan.reproduce};
  judge_rude(plan, run, result);
  return result;
}

void conclude(const Plan& plan, const std::optional<ServerEnd>& server, Case& result) {
  if (const auto of_server = judge_server(server)) {
    if (of_server->verdict > result.verdict || result.verdict == Verdict::passed) {
      result.verdict = of_server->verdict;
      result.reason = of_server->reason;
    } else {
      result.reason += "; " + of_server->reason;
    }
  }
  if (const auto differ = judge_counts(plan, result, server)) {
    result.verdict = differ->verdict;
    result.reason = differ->reason + "; " + result.reason;
  }
  if (server) add_server(*server, result);
  judge_assertions(plan, result);
}

void add_server(const ServerEnd& server, Case& result) {
  for (const Finding& finding : server.sanitizer.findings) result.findings.push_back(finding);
  const auto metric = [&](const char* name, double value, const char* unit) {
    result.metrics.push_back({.name = name, .value = value, .unit = unit, .better = Better::lower});
  };
  metric("server_cpu_seconds", server.exit.cpu_seconds, "s");
  metric("server_rss_bytes", static_cast<double>(server.exit.peak_rss_bytes), "bytes");
  if (server.exit.code) metric("server_exit_code", *server.exit.code, "");
  if (server.exit.signal) metric("server_exit_signal", *server.exit.signal, "");
  if (server.counts) add_server_counts(server.stats, result);
}

std::string case_id(const Plan& plan) {
  return fmt::format("loadgen/{}/c{}", plan.name, plan.connections + plan.rude_clients());
}

Case grade(const Plan& plan, const Run& run, const std::optional<ServerEnd>& server) {
  Case result = grade_load(plan, run);
  conclude(plan, server, result);
  return result;
}

}  // namespace contend::loadgen
