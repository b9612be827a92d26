#include "ci/render/code_quality.hpp"

#include <filesystem>
#include <set>

#include <boost/json.hpp>

#include "core/json_text.hpp"
#include "core/printable.hpp"

#include "ci/render/headline.hpp"

namespace contend::ci {
namespace {

namespace json = boost::json;

json::object entry(const Finding& finding, const Source& place) {
  const std::string path = std::filesystem::path(place.file).lexically_normal().string();
  return {{"description", printable(finding.message)},
          {"check_name", printable(finding.rule)},
          {"fingerprint", printable(finding.fingerprint)},
          {"severity", finding.level == Level::error ? "critical" : "minor"},
          {"location", {{"path", printable(path)}, {"lines", {{"begin", place.line}}}}}};
}

}  // namespace

std::string render_code_quality(const Report& report) {
  json::array out;
  std::set<std::string> told;
  for (const Case& each : report.cases) {
    for (const Finding& finding : each.findings) {
      const std::optional<Source> place = place_of(finding, each);
      if (finding.level == Level::note || !place) continue;
      if (told.insert(finding.fingerprint).second) out.push_back(entry(finding, *place));
    }
  }
  return json_text(out);
}

}  // namespace contend::ci
