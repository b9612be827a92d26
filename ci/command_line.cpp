#include "ci/command_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/command_line.hpp"

#include "ci/renderers.hpp"

namespace contend::ci {
namespace {

/// The verb `name`; when it was given, `Chosen` becomes what `into` holds.
template <class Chosen>
CLI::App& add_verb(CLI::App& app, const std::string& name, const std::string& what, Options& into,
                   Chosen& chosen) {
  CLI::App* verb = app.add_subcommand(name, what);
  verb->final_callback([&into, &chosen] { into = chosen; });
  return *verb;
}

void add_inputs(CLI::App& verb, std::vector<std::filesystem::path>& into) {
  verb.add_option("IN", into, "report.json files, or folders that hold one")->required();
}

void add_run(CLI::App& app, Options& into, RunOptions& run) {
  CLI::App& verb = add_verb(
      app, "run", "Run a pipeline; without a file, over the shipped servers and experiments", into,
      run);
  verb.add_option("FILE", run.file, "A contend.toml; contend init writes one");
  verb.add_option("-o,--out", run.out, "Folder for the report")->capture_default_str();
  verb.add_flag("--dry-run", run.dry_run, "Print the steps and run none");
}

void add_init(CLI::App& app, Options& into, InitOptions& init) {
  CLI::App& verb =
      add_verb(app, "init", "Write a commented contend.toml to start from", into, init);
  verb.add_option("-o,--out", init.out, "File to write; it must not exist")->capture_default_str();
}

void add_merge(CLI::App& app, Options& into, MergeOptions& merge) {
  CLI::App& verb = add_verb(app, "merge", "Join several reports into one", into, merge);
  add_inputs(verb, merge.in);
  verb.add_option("-o,--out", merge.out, "File to write")->required();
}

std::vector<std::string> formats() {
  std::vector<std::string> names;
  for (const Renderer& each : renderers()) names.emplace_back(each.name);
  return names;
}

void add_report(CLI::App& app, Options& into, ReportOptions& report) {
  CLI::App& verb = add_verb(app, "report", "Write a report in another format", into, report);
  const std::vector<std::string> names = formats();
  verb.add_option("--to", report.to, fmt::format("One of {}", fmt::join(names, ", ")))
      ->required()
      ->check(CLI::IsMember(names));
  add_inputs(verb, report.in);
  verb.add_option("-o,--out", report.out, "File to write")->capture_default_str();
  verb.add_option("--source", report.source, "Root of the sources that findings point at")
      ->capture_default_str();
}

void add_tolerance(CLI::App& verb, Tolerance& tolerance) {
  verb.add_option("--tolerance", tolerance.share, "A smaller change does not matter (0.05: 5 %)")
      ->check(CLI::Range(0.0, 10.0))
      ->capture_default_str();
}

void add_compare(CLI::App& app, Options& into, CompareOptions& compare) {
  CLI::App& verb =
      add_verb(app, "compare", "Judge each metric of two reports by repeated runs", into, compare);
  verb.add_option("BASE", compare.base, "What to compare with: a report, or a contend.toml")
      ->required();
  verb.add_option("NEW", compare.now, "What to judge, likewise")->required();
  verb.add_option("--runs", compare.runs, "Runs of each pipeline, alternating")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb.add_option("--folder", compare.folder, "Where those runs leave their reports")
      ->capture_default_str();
  add_tolerance(verb, compare.tolerance);
  verb.add_option("-o,--out", compare.out, "Write the comparison as a report");
}

void add_gate(CLI::App& app, Options& into, GateOptions& gate) {
  CLI::App& verb =
      add_verb(app, "gate", "Hold a report against limits, a baseline, known findings", into, gate);
  add_inputs(verb, gate.in);
  verb.add_option_function<std::vector<std::string>>(
          "--limit",
          [&gate](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) {
              const Expected<Limit> limit = parse_limit(text);
              if (!limit) throw CLI::ValidationError("--limit", limit.error().message);
              gate.limits.push_back(*limit);
            }
          },
          "[CASES:]METRIC<=VALUE, e.g. 'loadgen/*:p99<=5ms'; repeatable")
      ->allow_extra_args(false);
  verb.add_option("--baseline", gate.baseline, "A report that was good");
  verb.add_option("--known", gate.known, "File of reviewed findings: FINGERPRINT reason");
  add_tolerance(verb, gate.tolerance);
  verb.add_option("-o,--out", gate.out, "Write what the gate says as a report");
}

}  // namespace

std::optional<int> parse_command_line(int argc, const char* const* argv, Options& into) {
  CLI::App app;
  describe_program(
      app, "contend", "Runs a pipeline of load and experiments, and reports on it",
      fmt::format("loadgen, races, any suite of tests\nformats: {}", fmt::join(formats(), ", ")));
  app.require_subcommand(0, 1);  // more would hide which word was not understood
  RunOptions run;
  InitOptions init;
  MergeOptions merge;
  ReportOptions report;
  add_run(app, into, run);
  add_init(app, into, init);
  add_merge(app, into, merge);
  add_report(app, into, report);
  CompareOptions compare;
  add_compare(app, into, compare);
  GateOptions gate;
  add_gate(app, into, gate);
  if (const auto code = parse(app, argc, argv)) return code;
  if (!app.get_subcommands().empty()) return std::nullopt;
  return report_error("contend", usage_error("a verb is missing; contend --help names them"));
}

}  // namespace contend::ci
