// contend merge and contend report.
#include "core/check.hpp"
#include "core/file.hpp"
#include "core/report_json.hpp"

#include "ci/merge.hpp"
#include "ci/renderers.hpp"
#include "ci/verbs.hpp"

namespace contend::ci {

Expected<int> execute(const MergeOptions& options) {
  const Expected<Report> merged = merge_files(options.in, options.out.parent_path());
  if (!merged) return merged.error();
  if (const auto saved = save(*merged, options.out); !saved) return saved.error();
  return 0;
}

Expected<int> execute(const ReportOptions& options) {
  const Renderer* renderer = find_renderer(options.to);
  CONTEND_CHECK(renderer != nullptr);
  const Expected<Report> report = merge_files(options.in, options.out.parent_path());
  if (!report) return report.error();
  Sources sources(options.source);
  const auto written = write_file(options.out, renderer->render(*report, sources));
  if (!written) return written.error();
  return 0;
}

}  // namespace contend::ci
