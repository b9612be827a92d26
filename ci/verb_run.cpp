// contend run and contend init.
#include <cstdio>

#include <fmt/format.h>

#include "core/check.hpp"
#include "core/file.hpp"
#include "core/print.hpp"
#include "core/summary.hpp"

#include "ci/builtin_pipeline.hpp"
#include "ci/file_pipeline.hpp"
#include "ci/progress.hpp"
#include "ci/renderers.hpp"
#include "ci/run_pipeline.hpp"
#include "ci/verbs.hpp"

namespace contend::ci {
namespace {

Expected<void> make_folder(const std::filesystem::path& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed) return world_error("making the folder " + path.string() + ": " + failed.message());
  return check_writable(path / "report.json");
}

/// report.json first, since the others can be made from it again.
Expected<void> write_faces(const Report& report, const std::filesystem::path& folder) {
  Sources sources(".");
  for (const Renderer& each : renderers()) {
    if (!each.in_folder) continue;
    const auto written = write_file(folder / each.file, each.render(report, sources));
    if (!written) return written.error();
  }
  return {};
}

std::string steps_text(const Pipeline& pipeline) {
  std::string text;
  for (const Case& each : pipeline.broken) text += fmt::format("# {}: {}\n", each.id, each.reason);
  for (const Step& each : pipeline.steps) {
    text += fmt::format("# {}, at most {}\n{}\n", each.title, format_duration(each.budget),
                        quote_words(each.command.argv));
  }
  return text;
}

/// Returns `code`, or why it cannot be printed.
Expected<int> say(const std::string& text, int code) {
  const auto printed = print(stdout, text);
  return printed ? Expected<int>(code) : printed.error();
}

/// Runs, judges and writes. `gate` holds a pipeline's own limits and baseline, if it has any.
Expected<int> run_all(const Pipeline& pipeline, const Gate* gate, const RunOptions& options) {
  if (options.dry_run) return say(steps_text(pipeline), 0);
  TerminalProgress progress(stderr);
  Report report = run_pipeline(pipeline, options.out, progress);
  if (gate != nullptr) report = judge_gate(report, *gate);
  if (const auto written = write_faces(report, options.out); !written) return written.error();
  return say(fmt::format("{}\n{}\n", summary(report, wants_colour(stdout)),
                         (options.out / "report.json").string()),
             exit_code(report));
}

}  // namespace

Expected<int> execute(const RunOptions& options) {
  std::optional<LoadedPipeline> loaded;
  if (!options.file.empty()) {
    Expected<LoadedPipeline> read = load_pipeline(options.file);
    if (!read) return read.error();
    loaded = std::move(*read);
  }
  if (const auto made = make_folder(options.out); !made) return made.error();
  const auto steps = options.out / steps_folder;
  if (!loaded) return run_all(builtin_pipeline(steps), nullptr, options);
  return run_all(file_pipeline(*loaded, steps), &loaded->gate, options);
}

Expected<int> execute(const InitOptions& options) {
  std::error_code ignored;  // writing it says what is wrong
  if (std::filesystem::exists(options.out, ignored)) {
    return world_error(options.out.string() + " exists already");
  }
  if (const auto written = write_file(options.out, pipeline_template()); !written) {
    return written.error();
  }
  return say(options.out.string() + "\n", 0);
}

}  // namespace contend::ci
