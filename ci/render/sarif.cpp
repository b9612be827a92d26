// What code scanning makes of the format: of `locations` it takes the first, of
// `partialFingerprints` only primaryLocationLineHash; it shows code flows step by step, wants all
// four numbers of a region and relative paths. `stacks` are for editors. ThreadSanitizer of g++
// knows no columns, so a region is its whole line.
#include "ci/render/sarif.hpp"

#include <algorithm>
#include <map>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "core/json_text.hpp"
#include "core/printable.hpp"

#include "ci/render/headline.hpp"
#include "ci/render/rules.hpp"

namespace contend::ci {
namespace {

namespace json = boost::json;

std::string percent_encoded(std::string_view path) {
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        std::isalnum(byte) != 0 || std::string_view("/-._~+").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return out;
}

/// Relative to the source root, or a file URI; compilers write a/../b and ./a, which readers
/// refuse.
json::object artifact_location(const std::string& file) {
  const std::filesystem::path path = std::filesystem::path(file).lexically_normal();
  if (path.is_absolute()) return {{"uri", "file://" + percent_encoded(path.string())}};
  return {{"uri", percent_encoded(path.string())}, {"uriBaseId", "%SRCROOT%"}};
}

std::int64_t characters(std::string_view utf8) {
  return std::ranges::count_if(utf8, [](char c) { return (c & 0xc0) != 0x80; });
}

json::object region(const Frame& frame, Sources& sources) {
  const std::string* line = sources.line(frame.file, frame.line);
  json::object out{{"startLine", frame.line},
                   {"startColumn", 1},
                   {"endLine", frame.line},
                   {"endColumn", line == nullptr ? 1 : characters(*line) + 1}};
  if (line != nullptr) out["snippet"] = {{"text", valid_utf8(*line)}};
  return out;
}

json::object location(const Frame& frame, Sources& sources) {
  json::object out{
      {"logicalLocations",
       {{{"fullyQualifiedName", valid_utf8(frame.function.empty() ? "?" : frame.function)},
         {"kind", "function"}}}}};
  if (has_place(frame)) {
    out["physicalLocation"] = {{"artifactLocation", artifact_location(frame.file)},
                               {"region", region(frame, sources)}};
  }
  return out;
}

std::string label(const Finding& finding, std::size_t stack) {
  return valid_utf8(stack < finding.labels.size() ? finding.labels[stack]
                                                  : fmt::format("stack {}", stack + 1));
}

json::array stacks_of(const Finding& finding, Sources& sources) {
  json::array out;
  for (std::size_t i = 0; i < finding.stacks.size(); ++i) {
    json::array frames;
    for (const Frame& frame : finding.stacks[i]) {
      frames.push_back(json::object{{"location", location(frame, sources)}});
    }
    if (frames.empty()) continue;
    out.push_back(
        json::object{{"message", {{"text", label(finding, i)}}}, {"frames", std::move(frames)}});
  }
  return out;
}

/// Outermost frame first, as the program went; the access itself is what matters.
json::object thread_flow(const Finding& finding, std::size_t stack, Sources& sources) {
  json::array steps;
  const std::vector<Frame>& frames = finding.stacks[stack];
  for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
    json::object where = location(*frame, sources);
    where["message"] = {{"text", valid_utf8(frame->function.empty() ? "?" : frame->function)}};
    const bool last = frame + 1 == frames.rend();
    steps.push_back(json::object{{"location", std::move(where)},
                                 {"importance", last ? "essential" : "unimportant"}});
  }
  return {{"id", fmt::format("{}. {}", stack + 1, label(finding, stack))},
          {"locations", std::move(steps)}};
}

/// One flow of all threads: each access of a race is a thread flow of its own.
json::array code_flows(const Finding& finding, Sources& sources) {
  json::array flows;
  for (std::size_t i = 0; i < finding.stacks.size(); ++i) {
    if (!finding.stacks[i].empty()) flows.push_back(thread_flow(finding, i, sources));
  }
  if (flows.empty()) return {};
  return {json::object{{"message", {{"text", "the stacks of this finding"}}},
                       {"threadFlows", std::move(flows)}}};
}

/// Square brackets make links in a SARIF message, so those that are part of a name are escaped.
std::string message_text(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '[' || c == ']' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

void add_related(json::object& result, const Finding& finding, Sources& sources,
                 std::string& message) {
  json::array related;
  for (std::size_t i = 1; i < finding.stacks.size(); ++i) {
    const Frame* frame = headline_frame(finding.stacks[i]);
    if (frame == nullptr) continue;
    const auto id = static_cast<std::int64_t>(related.size() + 1);
    json::object where = location(*frame, sources);
    where["id"] = id;
    where["message"] = {{"text", label(finding, i)}};
    related.emplace_back(std::move(where));
    message += fmt::format("; [{}]({})", message_text(label(finding, i)), id);
  }
  if (!related.empty()) result["relatedLocations"] = std::move(related);
}

/// Where a finding is shown: its own code, else where its case comes from.
json::array locations(const Finding& finding, const Case& of, Sources& sources) {
  const Frame* frame = finding.stacks.empty() ? nullptr : headline_frame(finding.stacks.front());
  if (frame != nullptr) return {location(*frame, sources)};
  if (of.source) return {location({"", of.source->file, of.source->line}, sources)};
  return {json::object{{"logicalLocations", {{{"fullyQualifiedName", valid_utf8(of.id)}}}}}};
}

const char* level_name(Level level) {
  return level == Level::note ? "note" : level == Level::warning ? "warning" : "error";
}

json::object result(const Finding& finding, const Case& of, Sources& sources) {
  std::string message = message_text(finding.message);
  json::object out{{"ruleId", valid_utf8(finding.rule)},
                   {"level", level_name(finding.level)},
                   {"occurrenceCount", finding.count},
                   {"locations", locations(finding, of, sources)}};
  add_related(out, finding, sources, message);
  out["message"] = {{"text", message + "."}};
  if (json::array flows = code_flows(finding, sources); !flows.empty()) out["codeFlows"] = flows;
  if (json::array all = stacks_of(finding, sources); !all.empty()) out["stacks"] = all;
  if (!finding.fingerprint.empty()) {
    out["partialFingerprints"] = {{"primaryLocationLineHash", valid_utf8(finding.fingerprint)}};
  }
  out["properties"] = {{"case", valid_utf8(of.id)}, {"reproduce", valid_utf8(of.reproduce)}};
  return out;
}

json::object rule(const std::string& id) {
  const Rule about = find_rule(id);
  return {{"id", valid_utf8(id)},
          {"name", valid_utf8(about.name)},
          {"shortDescription", {{"text", valid_utf8(about.name + ".")}}},
          {"fullDescription", {{"text", valid_utf8(about.what)}}},
          {"help", {{"text", valid_utf8(about.what + " " + about.remedy)}}},
          {"properties",
           {{"precision", about.exact ? "very-high" : "high"},
            {"problem.severity", "error"},
            {"tags", {"concurrency"}}}}};
}

/// A finding may be reported by several cases; the result of each fingerprint is the worst of them.
json::array results(const Report& report, Sources& sources) {
  json::array out;
  std::map<std::string, std::size_t> known;
  for (const Case& each : report.cases) {
    for (const Finding& finding : each.findings) {
      const auto [at, is_new] = known.try_emplace(finding.fingerprint, out.size());
      if (is_new || finding.fingerprint.empty()) {
        out.push_back(result(finding, each, sources));
        continue;
      }
      json::object& same = out[at->second].as_object();
      same["occurrenceCount"] = same["occurrenceCount"].as_int64() + finding.count;
      if (finding.level == Level::error) same["level"] = "error";
    }
  }
  return out;
}

json::array rules(const Report& report) {
  std::vector<std::string> ids;
  json::array out;
  for (const Case& each : report.cases) {
    for (const Finding& finding : each.findings) {
      if (std::ranges::find(ids, finding.rule) != ids.end()) continue;
      ids.push_back(finding.rule);
      out.push_back(rule(finding.rule));
    }
  }
  return out;
}

}  // namespace

std::string render_sarif(const Report& report, Sources& sources) {
  const json::object driver{{"name", "Contend"},
                            {"version", valid_utf8(report.version)},
                            {"semanticVersion", valid_utf8(report.version)},
                            {"rules", rules(report)}};
  // A later upload of the same category replaces an earlier one; another compiler's must not.
  const std::string category = "contend/" + percent_encoded(report.host.compiler) + "/";
  const json::object run{
      {"tool", {{"driver", driver}}},
      {"automationDetails", {{"id", category}}},
      {"columnKind", "unicodeCodePoints"},
      {"originalUriBaseIds", {{"%SRCROOT%", {{"description", {{"text", "The source root."}}}}}}},
      {"results", results(report, sources)}};
  return json_text(json::object{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                                {"version", "2.1.0"},
                                {"runs", {run}}});
}

}  // namespace contend::ci
