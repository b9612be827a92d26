// The report as one self-contained HTML page: no network, readable without JavaScript, charts where
// it runs.
#pragma once

#include <string>

#include "core/report.hpp"

#include "ci/render/sources.hpp"

namespace contend::ci {

std::string render_html(const Report& report, Sources& sources);

}  // namespace contend::ci
