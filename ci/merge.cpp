#include "ci/merge.hpp"

#include <map>
#include <set>

#include <fmt/format.h>

#include "core/check.hpp"
#include "core/report_json.hpp"
#include "core/shards.hpp"

#include "ci/compare.hpp"

namespace contend::ci {
namespace {

/// A path that led to `artifact` from `from`, made to lead there from `to`.
std::string moved(const std::string& artifact, const std::filesystem::path& from,
                  const std::filesystem::path& to) {
  if (std::filesystem::path(artifact).is_absolute()) return artifact;
  std::error_code ignored;
  const auto folder = std::filesystem::current_path(ignored);
  const auto here = (folder / to / "").lexically_normal();
  const auto there = (folder / from / artifact).lexically_normal();
  return there.lexically_relative(here).string();
}

void move_artifacts(Part& part, const std::filesystem::path& folder) {
  for (Case& each : part.report.cases) {
    for (std::string& artifact : each.artifacts) artifact = moved(artifact, part.folder, folder);
  }
}

/// Puts the shards of each case together, where the first of them stood. Errors: those of
/// merge_shards().
Expected<std::vector<Part>> join_shards(std::vector<Part> parts) {
  std::vector<Part> joined;
  std::map<std::string, std::pair<std::size_t, std::vector<Report>>> shards;  // by id
  for (Part& part : parts) {
    if (!shard_of(part.report) || part.report.cases.size() != 1) {
      joined.push_back(std::move(part));
      continue;
    }
    auto& [place, reports] = shards[part.report.cases.front().id];
    if (reports.empty()) {
      place = joined.size();
      joined.emplace_back().folder = part.folder;
    }
    reports.push_back(std::move(part.report));
  }
  for (auto& [id, found] : shards) {
    Expected<Report> whole = merge_shards(std::move(found.second));
    if (!whole) return world_error(id + ": " + whole.error().message);
    joined[found.first].report = std::move(*whole);
  }
  return joined;
}

/// The plans of a report that was merged itself stand beside the others, not a level below them.
void add_plans(boost::json::array& to, boost::json::object plan) {
  boost::json::value* parts = plan.size() == 1 ? plan.if_contains("parts") : nullptr;
  if (parts == nullptr || !parts->is_array()) {
    to.emplace_back(std::move(plan));
    return;
  }
  for (boost::json::value& each : parts->get_array()) to.push_back(std::move(each));
}

}  // namespace

void number_repeats(std::vector<Case>& cases) {
  std::set<std::string> taken;
  std::map<std::string, int> next;
  for (Case& each : cases) {
    const std::string id = base_id(each.id);
    int& again = next.try_emplace(id, 2).first->second;
    while (!taken.insert(each.id).second) each.id = fmt::format("{}#{}", id, again++);
  }
}

Report merge(std::vector<Part> parts, const std::filesystem::path& folder) {
  CONTEND_CHECK(!parts.empty());
  for (Part& part : parts) move_artifacts(part, folder);
  if (parts.size() == 1) return std::move(parts.front().report);
  Report merged = std::move(parts.front().report);
  boost::json::array plans;
  add_plans(plans, std::move(merged.plan));
  for (auto part = parts.begin() + 1; part != parts.end(); ++part) {
    add_plans(plans, std::move(part->report.plan));
    merged.elapsed_ns += part->report.elapsed_ns;
    merged.interrupted |= part->report.interrupted;
    merged.cases.insert(merged.cases.end(), part->report.cases.begin(), part->report.cases.end());
  }
  merged.plan = {{"parts", std::move(plans)}};
  number_repeats(merged.cases);
  return merged;
}

Expected<Report> merge_files(const std::vector<std::filesystem::path>& in,
                             const std::filesystem::path& folder) {
  std::vector<Part> parts;
  for (std::filesystem::path path : in) {
    std::error_code ignored;  // reading it says what is wrong
    if (std::filesystem::is_directory(path, ignored)) path /= "report.json";
    Expected<Report> report = load_report(path);
    if (!report) return report.error();
    parts.push_back({std::move(*report), path.parent_path()});
  }
  Expected<std::vector<Part>> joined = join_shards(std::move(parts));
  if (!joined) return joined.error();
  return merge(std::move(*joined), folder);
}

}  // namespace contend::ci
