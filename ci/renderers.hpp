// The list of formats a report can be written in. A renderer only walks the report: it judges
// nothing, measures nothing, and escapes everything that came from outside.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/report.hpp"

#include "ci/render/sources.hpp"

namespace contend::ci {

struct Renderer {
  std::string_view name;  ///< what --to takes
  std::string_view file;  ///< its name in a report folder
  bool in_folder;         ///< whether `contend run` writes it
  std::string (*render)(const Report&, Sources&);
};

std::span<const Renderer> renderers();

/// Null where there is no such format.
const Renderer* find_renderer(std::string_view name);

}  // namespace contend::ci
