#include "ci/renderers.hpp"

#include <algorithm>
#include <array>

#include "core/report_json.hpp"

#include "ci/render/code_quality.hpp"
#include "ci/render/github.hpp"
#include "ci/render/google_benchmark.hpp"
#include "ci/render/hlog.hpp"
#include "ci/render/html.hpp"
#include "ci/render/junit.hpp"
#include "ci/render/markdown.hpp"
#include "ci/render/openmetrics.hpp"
#include "ci/render/sarif.hpp"

namespace contend::ci {
namespace {

/// For a format that shows no source lines.
template <std::string (*Render)(const Report&)>
std::string plain(const Report& report, Sources&) {
  return Render(report);
}

constexpr std::array all{
    Renderer{"html", "report.html", true, render_html},
    Renderer{"json", "report.json", true, plain<to_json>},
    Renderer{"junit", "junit.xml", true, plain<render_junit>},
    Renderer{"markdown", "report.md", true, plain<render_markdown>},
    Renderer{"sarif", "findings.sarif", true, render_sarif},
    Renderer{"github", "annotations.txt", false, plain<render_github>},
    Renderer{"summary", "summary.md", false, plain<render_summary>},
    Renderer{"codequality", "gl-code-quality.json", false, plain<render_code_quality>},
    Renderer{"openmetrics", "metrics.txt", false, plain<render_openmetrics>},
    Renderer{"gbench", "benchmark.json", false, plain<render_google_benchmark>},
    Renderer{"hlog", "latency.hlog", false, plain<render_hlog>},
};

}  // namespace

std::span<const Renderer> renderers() {
  return all;
}

const Renderer* find_renderer(std::string_view name) {
  const auto found = std::ranges::find(all, name, &Renderer::name);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace contend::ci
