// contend compare and contend gate.
#include <cstdio>

#include <fmt/format.h>

#include "core/interrupt.hpp"
#include "core/print.hpp"
#include "core/report_json.hpp"
#include "core/summary.hpp"

#include "ci/file_pipeline.hpp"
#include "ci/gate.hpp"
#include "ci/merge.hpp"
#include "ci/progress.hpp"
#include "ci/run_pipeline.hpp"
#include "ci/verbs.hpp"

namespace contend::ci {
namespace {

/// Prints what was judged and saves it where asked. Returns its exit code.
Expected<int> show(const Report& judged, const std::string& before,
                   const std::filesystem::path& out) {
  const auto printed = print(stdout, before + summary(judged, wants_colour(stdout)));
  if (!out.empty()) {
    if (const auto saved = save(judged, out); !saved) return saved.error();
  }
  if (!printed) return printed.error();
  return exit_code(judged);
}

/// One side of a comparison: a report that is there, or a pipeline to run again and again.
struct Side {
  std::string name;
  std::vector<Part> runs;
  std::optional<LoadedPipeline> pipeline;
};

Expected<Side> make_side(const std::string& name, const std::filesystem::path& path) {
  Side side{.name = name};
  if (path.extension() == ".toml") {
    Expected<LoadedPipeline> loaded = load_pipeline(path);
    if (!loaded) return loaded.error();
    side.pipeline = std::move(*loaded);
    return side;
  }
  Expected<Report> report = merge_files({path}, "");
  if (!report) return report.error();
  side.runs.push_back({std::move(*report), ""});
  return side;
}

Expected<void> run_once(Side& side, int number, const std::filesystem::path& folder,
                        Progress& progress) {
  if (!side.pipeline) return {};
  const auto out = folder / fmt::format("{}-{}", side.name, number);
  const Pipeline pipeline = file_pipeline(*side.pipeline, out / steps_folder);
  Report report = run_pipeline(pipeline, out, progress);
  if (const auto saved = save(report, out / "report.json"); !saved) return saved.error();
  side.runs.push_back({std::move(report), out});
  return {};
}

/// Each run starts its servers anew. The order alternates, so that a machine that grows slower or
/// faster does so for both sides alike.
Expected<void> run_alternating(Side& base, Side& now, const CompareOptions& options) {
  TerminalProgress progress(stderr);
  for (int i = 1; i <= options.runs && !interrupted(); ++i) {
    Side* order[] = {&base, &now};
    if (i % 2 == 0) std::swap(order[0], order[1]);
    for (Side* side : order) {
      const auto done = run_once(*side, i, options.folder, progress);
      if (!done) return done.error();
    }
  }
  return {};
}

}  // namespace

Expected<int> execute(const CompareOptions& options) {
  Expected<Side> base = make_side("base", options.base);
  if (!base) return base.error();
  Expected<Side> now = make_side("new", options.now);
  if (!now) return now.error();
  if (base->pipeline || now->pipeline) {
    const auto done = run_alternating(*base, *now, options);
    if (!done) return done.error();
  }
  const std::vector<CaseChange> changes =
      compare(merge(std::move(base->runs), ""), merge(std::move(now->runs), ""), options.tolerance);
  Report judged = comparison_report(changes);
  judged.interrupted = interrupted();
  return show(judged, comparison_table(changes), options.out);
}

Expected<int> execute(const GateOptions& options) {
  const Expected<Report> report = merge_files(options.in, options.out.parent_path());
  if (!report) return report.error();
  Gate gate{.limits = options.limits, .tolerance = options.tolerance};
  if (!options.baseline.empty()) {
    Expected<Report> baseline = merge_files({options.baseline}, "");
    if (!baseline) return baseline.error();
    gate.baseline = std::move(*baseline);
  }
  if (!options.known.empty()) {
    Expected<Fingerprints> known = load_known_findings(options.known);
    if (!known) return known.error();
    gate.known = std::move(*known);
  }
  return show(judge_gate(*report, gate), "", options.out);
}

}  // namespace contend::ci
