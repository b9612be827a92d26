#include "ci/render/github.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "core/printable.hpp"

#include "ci/render/headline.hpp"
#include "ci/render/markdown.hpp"

namespace contend::ci {
namespace {

constexpr std::size_t most_annotations = 10;
constexpr std::size_t most_summary_bytes = 900 * 1024;

/// A command ends at a line end, and % escapes; in a property also : and , have a meaning.
std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : printable(text)) {
    const bool special = c == '%' || (property && (c == ':' || c == ','));
    out += special ? fmt::format("%{:02X}", static_cast<unsigned>(c)) : std::string(1, c);
  }
  return out;
}

std::string error(const std::optional<Source>& place, std::string_view title,
                  std::string_view message) {
  std::string where;
  if (place) where = fmt::format("file={},line={},", escaped(place->file, true), place->line);
  return fmt::format("::error {}title={}::{}\n", where, escaped(title, true),
                     escaped(message, false));
}

void add_case(std::vector<std::string>& out, const Case& of) {
  bool has_finding = false;
  for (const Finding& finding : of.findings) {
    if (finding.level == Level::note) continue;
    has_finding = true;
    out.push_back(error(place_of(finding, of), finding.rule, finding.message + " (" + of.id + ")"));
  }
  if (has_finding || of.verdict < Verdict::failed) return;
  out.push_back(error(of.source, std::string(to_string(of.verdict)) + " " + of.id, of.reason));
}

}  // namespace

std::string render_github(const Report& report) {
  std::vector<std::string> all;
  for (const Verdict verdict : {Verdict::errored, Verdict::failed, Verdict::passed}) {
    for (const Case& each : report.cases) {
      if (each.verdict == verdict) add_case(all, each);
    }
  }
  std::string text;
  const bool too_many = all.size() > most_annotations;
  const std::size_t shown = too_many ? most_annotations - 1 : all.size();
  for (std::size_t i = 0; i < shown; ++i) text += all[i];
  if (too_many) {
    text += error({}, "contend", fmt::format("and {} more; see the report", all.size() - shown));
  }
  return text;
}

std::string render_summary(const Report& report) {
  std::string text = render_markdown(report);
  if (text.size() <= most_summary_bytes) return text;
  const std::size_t all = text.size();
  text.resize(text.rfind('\n', most_summary_bytes) + 1);
  return text + fmt::format("\n… and {} KiB more in the report.\n", (all - text.size()) / 1024 + 1);
}

}  // namespace contend::ci
