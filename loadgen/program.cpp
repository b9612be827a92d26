#include "loadgen/program.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

#include <fmt/format.h>

#include "core/file.hpp"
#include "core/host.hpp"
#include "core/interrupt.hpp"
#include "core/print.hpp"
#include "core/quantile_metrics.hpp"
#include "core/report_json.hpp"
#include "core/summary.hpp"
#include "core/units.hpp"

#include "loadgen/ceiling.hpp"
#include "loadgen/crew.hpp"
#include "loadgen/find_max.hpp"
#include "loadgen/grade.hpp"
#include "loadgen/hdr_log.hpp"
#include "loadgen/progress.hpp"
#include "loadgen/run.hpp"
#include "loadgen/server_under_test.hpp"
#include "loadgen/server_watch.hpp"

namespace contend::loadgen {
namespace {

constexpr auto server_patience = std::chrono::seconds(20);
// Between the agreement on the start and the start: every worker must have heard of it.
constexpr auto start_lead = std::chrono::milliseconds(200);

std::string metric_text(const Case& in, const char* metric) {
  const Metric* found = find_metric(in, metric);
  if (found == nullptr) return "";
  return found->value ? format_quantity(*found->value, found->unit) : found->why.value_or("n/a");
}

std::string latency_row(const Case& in, const char* title, const std::string& name) {
  std::string row = fmt::format("  {:<10}", title);
  for (const Quantile& each : reported_quantiles) {
    const std::string metric = fmt::format("{}_{}_ns", name, each.name);
    row += fmt::format("{} {}   ", each.title, metric_text(in, metric.c_str()));
  }
  return row + fmt::format("max {}\n", metric_text(in, (name + "_max_ns").c_str()));
}

/// How sure the headline is; nothing where the samples cannot say.
std::string confidence_row(const Case& in) {
  const Metric* low = find_metric(in, "intended_p99_low_ns");
  const Metric* high = find_metric(in, "intended_p99_high_ns");
  if (low == nullptr || high == nullptr || !low->value || !high->value) return "";
  return fmt::format("  {:<10}p99 {} – {}, by {} effective samples\n", "95 %",
                     metric_text(in, "intended_p99_low_ns"),
                     metric_text(in, "intended_p99_high_ns"), metric_text(in, "effective_samples"));
}

double value_or(const Case& in, const char* name, double otherwise) {
  const Metric* found = find_metric(in, name);
  return found == nullptr ? otherwise : found->value.value_or(otherwise);
}

/// What is to be known of the run itself; nothing where there is nothing to say.
std::string run_rows(const Case& in) {
  std::string text;
  if (value_or(in, "stationary", 1) == 0) {
    text += fmt::format("  {:<10}its latencies rise, fall or step: it was not stationary\n", "run");
  } else if (value_or(in, "warmup_cut_ns", 0) > 0) {
    text += fmt::format("  {:<10}the first {} are left out\n", "warm-up",
                        metric_text(in, "warmup_cut_ns"));
  }
  if (const double used = value_or(in, "ceiling_used_ratio", 0); used > 0) {
    text += fmt::format("  {:<10}{:.0f} % of the {} that loadgen can make here\n", "ceiling",
                        100 * used, metric_text(in, "ceiling_per_second"));
  }
  return text;
}

/// Nothing where nothing was answered.
std::string latency_table(const Case& in) {
  const Metric* answered = find_metric(in, "messages_answered");
  if (answered == nullptr || answered->value.value_or(0) == 0) return "";
  std::string text =
      fmt::format("\n  {:<10}{}\n", "rate", metric_text(in, "throughput_per_second"));
  if (find_metric(in, "lag_p99_ns") == nullptr) {
    // Percentiles of a closed loop are not what users wait: the loop slows down with the server.
    return text + latency_row(in, "service", "service") + confidence_row(in) + run_rows(in);
  }
  return text + latency_row(in, "intended", "intended") + confidence_row(in) +
         latency_row(in, "service", "service") + latency_row(in, "own lag", "lag") + run_rows(in);
}

/// The names that this run's report will have are known before it: those of an empty one.
Expected<void> check_assertions(const Plan& plan) {
  Plan planned = plan;
  if (!plan.find_max.empty()) planned.rate = 1;  // an open loop has more metrics
  const bool spawned = !plan.server.empty();
  const bool counts = stats_place(plan.server).has_value();
  const ServerEnd end{
      .exit = {.code = 0},
      .counts = counts,
      .stats = counts ? std::optional(ServerStats{.lost_updates = 0}) : std::nullopt};
  Case empty = grade(planned, Run{}, spawned ? std::optional(end) : std::nullopt);
  if (spawned || plan.attach) add_server_use({}, plan.attach.has_value(), empty);
  if (plan.find_max.empty()) add_ceiling(plan, empty);
  const auto check = [&](const char* flag, const std::vector<Assertion>& all) -> Expected<void> {
    for (const Assertion& assertion : all) {
      if (find_metric(empty, assertion.metric) != nullptr) continue;
      return usage_error(fmt::format("{}: \"{}\": this run has no metric {}", flag, assertion.text,
                                     assertion.metric));
    }
    return {};
  };
  if (const auto known = check("--assert", plan.assertions); !known) return known;
  return check("--find-max", plan.find_max);
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

struct Measured {
  Report report;
  std::string table;  ///< for people, below the summary
  std::string hdr_log;
  bool stream_broke = false;  ///< not all of --json-stream could be written
};

/// Where --json-stream goes; `owned` keeps a file open.
Expected<std::FILE*> open_stream(const Plan& plan, File& owned) {
  if (plan.json_stream.empty()) return static_cast<std::FILE*>(nullptr);
  if (plan.json_stream == "-") return stdout;
  owned.reset(std::fopen(plan.json_stream.c_str(), "we"));
  if (owned == nullptr) return errno_error("writing " + plan.json_stream, errno);
  return owned.get();
}

void add(Measured& measured, Case result, Nanoseconds elapsed, bool interrupted) {
  measured.report.cases.push_back(std::move(result));
  measured.report.elapsed_ns = elapsed.count();
  measured.report.interrupted = interrupted;
}

void measure_here(const Plan& plan, std::FILE* stream, Measured& measured) {
  const Run result = run(plan, stream);
  add(measured, grade_load(plan, result), result.elapsed, result.interrupted);
}

Expected<void> measure_parts(const Plan& plan, const RunParts& run_parts, std::FILE* stream,
                             Measured& measured) {
  Expected<Harvest> harvest = run_parts(stream);
  if (!harvest) return harvest.error();
  const bool complete = harvest->lost.empty();
  Expected<Report> merged = merge_shards(std::move(harvest->reports), std::move(harvest->lost));
  if (!merged) return merged.error();
  Case& whole = merged->cases.front();
  whole.reproduce = plan.reproduce;
  whole.metrics.insert(whole.metrics.end(), harvest->metrics.begin(), harvest->metrics.end());
  // When one is lost the others are interrupted too, by us.
  add(measured, std::move(whole), Nanoseconds(merged->elapsed_ns), interrupted() && complete);
  return {};
}

/// The report of a run that was over before it could begin.
Measured nothing_done(const Plan& plan, Report report) {
  Measured measured{.report = std::move(report)};
  const Run nothing{.interrupted = true};
  add(measured, grade_load(plan, nothing), nothing.elapsed, nothing.interrupted);
  Case& result = measured.report.cases.front();
  conclude(plan, std::nullopt, result);
  measured.hdr_log = hdr_log(plan, result, measured.report.started_utc);
  return measured;
}

Expected<Measured> measure(const Plan& plan, const RunParts& run_parts) {
  if (plan.attach) {
    if (const auto there = look_at_process(*plan.attach); !there) return there.error();
  }
  Report report = new_report("loadgen");
  report.plan = to_json(plan);
  std::optional<ServerUnderTest> server;
  if (!plan.server.empty()) {
    Expected<ServerUnderTest> started =
        ServerUnderTest::start(plan.server, plan.destinations.front().target, server_patience);
    if (!started && interrupted()) return nothing_done(plan, std::move(report));
    if (!started) return started.error();
    server.emplace(std::move(*started));
  }
  File owned;
  const Expected<std::FILE*> stream = open_stream(plan, owned);
  if (!stream) return stream.error();
  Measured measured{.report = std::move(report)};
  std::optional<ServerWatch> watch;
  if (server || plan.attach) watch.emplace(server ? server->pid() : *plan.attach);
  const auto stop = [&](Case& result) -> std::optional<ServerEnd> {
    // The watching of a run ends with the first line that could not be written.
    measured.stream_broke = *stream != nullptr && std::ferror(*stream) != 0;
    if (watch) add_server_use(watch->stop(), plan.attach.has_value(), result);
    return server ? std::optional(server->stop()) : std::nullopt;
  };
  if (!plan.find_max.empty()) {
    const RateCurve curve = find_max(plan, *stream);
    add(measured, grade(plan, curve), curve.elapsed, curve.interrupted);
    Case& result = measured.report.cases.front();
    if (const auto end = stop(result)) add_server(*end, result);
    measured.table = rate_table(curve);
    return measured;
  }
  if (plan.workers == 1) {
    measure_here(plan, *stream, measured);
  } else if (const auto done = measure_parts(plan, run_parts, *stream, measured); !done) {
    return done.error();
  }
  Case& result = measured.report.cases.front();
  const auto end = stop(result);
  add_ceiling(plan, result);
  conclude(plan, end, result);
  measured.table = latency_table(result);
  measured.hdr_log = hdr_log(plan, result, measured.report.started_utc);
  return measured;
}

/// Before the run, so that nothing measured is lost for want of a place.
Expected<void> check_files(const Plan& plan) {
  for (const std::string& path : {plan.json, plan.json_stream, plan.hdr_log}) {
    if (path.empty() || path == "-") continue;
    if (const auto writable = check_writable(path); !writable) return writable.error();
  }
  return {};
}

Expected<void> save_report(const Plan& plan, const Report& report) {
  if (plan.json == "-") return print(stdout, to_json(report));
  return plan.json.empty() ? Expected<void>() : save(report, plan.json);
}

/// All that can be saved is; the first error.
Expected<void> save_files(const Plan& plan, const Measured& measured) {
  const Expected<void> report = save_report(plan, measured.report);
  const Expected<void> log =
      plan.hdr_log.empty() ? Expected<void>() : write_file(plan.hdr_log, measured.hdr_log);
  if (!report) return report;
  if (!log) return log;
  if (measured.stream_broke) {
    return world_error("writing " + plan.json_stream + ": it took no more in the midst of the run");
  }
  return {};
}

/// Processes of this machine, on their own.
Expected<Harvest> run_workers(const Plan& plan, std::FILE* stream) {
  Display display(plan, stream);
  std::vector<std::string> figures(plan.workers);
  const auto show = [&] {
    Snapshot sum;
    for (const std::string& each : figures) {
      if (const auto seen = snapshot_from(each)) sum.add(*seen);
    }
    display.show(std::move(sum));
  };
  auto next = Clock::now() + std::chrono::seconds(1);
  const CrewCalls calls{
      .agree_start =
          [] {
            const auto now = std::chrono::system_clock::now().time_since_epoch();
            return Expected<Nanoseconds>(Nanoseconds(now) + Nanoseconds(start_lead));
          },
      .go_on =
          [&](bool) {
            if (!display.is_seen() || Clock::now() < next) return true;
            next = Clock::now() + std::chrono::seconds(1);
            show();
            return true;
          },
      .saw = [&](std::uint32_t part, std::string told) { figures[part] = std::move(told); }};
  Expected<Harvest> harvest = run_crew(plan, {.count = plan.workers, .of = plan.workers}, calls);
  if (display.is_seen()) show();
  return harvest;
}

}  // namespace

void hold_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // The lowest free number is taken, and those before it are not free.
    // Writing the summary must fail; what is said about that has nowhere to go.
    const int way = stream == STDERR_FILENO ? O_WRONLY : O_RDONLY;
    if (::fcntl(stream, F_GETFD) < 0 && ::open("/dev/null", way) < 0) return;
  }
}

Expected<int> carry_out(const Plan& plan) {
  return carry_out(plan, [&plan](std::FILE* stream) { return run_workers(plan, stream); });
}

Expected<int> carry_out(const Plan& plan, const RunParts& run_parts) {
  if (const auto known = check_assertions(plan); !known) return known.error();
  if (const auto writable = check_files(plan); !writable) return writable.error();
  const Expected<Measured> measured = measure(plan, run_parts);
  if (!measured) return measured.error();
  const Report& report = measured->report;
  // The summary first: should the disk be full, what was measured has still been shown.
  std::FILE* stream = plan.json == "-" || plan.json_stream == "-" ? stderr : stdout;
  const std::string text = summary(report, wants_colour(stream)) + measured->table;
  const Expected<void> printed = print(stream, text);
  if (const auto saved = save_files(plan, *measured); !saved) return saved.error();
  if (!printed) return printed.error();
  return exit_code(report);
}

}  // namespace contend::loadgen
