#include "loadgen/ceiling.hpp"

#include <algorithm>
#include <cstdlib>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "core/file.hpp"
#include "core/host.hpp"
#include "core/json_text.hpp"
#include "core/version.hpp"

namespace contend::loadgen {
namespace {

namespace json = boost::json;

constexpr std::string_view ceilings_schema = "contend.ceilings/1";

/// What must be the same for a ceiling to mean anything.
std::string this_machine() {
  const Host host = this_host();
  return fmt::format("{}, {} cpus, loadgen {} {} {}", host.model, host.cpus, version,
                     host.build_type, host.sanitizer);
}

bool is_of(const json::value& entry, const std::string& machine, const std::string& shape) {
  const auto* object = entry.if_object();
  if (object == nullptr) return false;
  const auto* there = object->if_contains("machine");
  const auto* what = object->if_contains("shape");
  return there != nullptr && what != nullptr && *there == json::string(machine) &&
         *what == json::string(shape);
}

/// The entries of the file; none if it is not there.
Expected<json::array> entries_of(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return json::array();
  const Expected<std::string> text = read_file(file);
  if (!text) return text.error();
  boost::system::error_code broken;
  const json::value whole = json::parse(*text, broken);
  const auto* object = broken ? nullptr : whole.if_object();
  const auto* entries = object == nullptr ? nullptr : object->if_contains("ceilings");
  if (entries == nullptr || !entries->is_array()) {
    return world_error(fmt::format("{} is no {}; remove it", file.string(), ceilings_schema));
  }
  return entries->as_array();
}

std::string not_learned(const Plan& plan) {
  return fmt::format(
      "not calibrated: `loadgen calibrate -s {} -p {} -t {}{}{} --engine {}{}` learns it",
      plan.sizes.text(), plan.depth, plan.threads,
      plan.payload == PayloadKind::binary ? " --payload binary" : "",
      plan.verify ? "" : " --verify off", name_of(plan.engine),
      plan.pacing == Pacing::spin ? " --pacer spin" : "");
}

Expected<double> ceiling_of(const Plan& plan) {
  const Expected<std::string> shape = shape_of(plan);
  if (!shape) return shape.error();
  const Expected<std::filesystem::path> file = ceilings_file();
  if (!file) return file.error();
  const Expected<json::array> entries = entries_of(*file);
  if (!entries) return entries.error();
  const Expected<double> known = load_ceiling(*file, *shape);
  return known ? known : world_error(not_learned(plan));
}

}  // namespace

Expected<std::string> shape_of(const Plan& plan) {
  if (plan.workers > 1 || plan.is_part()) return world_error("of one process only");
  const bool tcp = std::ranges::all_of(plan.destinations, [](const Destination& each) {
    return each.target.kind == Target::Kind::tcp;
  });
  if (!tcp) return world_error("of TCP only");
  if (plan.script || plan.payload == PayloadKind::given) {
    return world_error("of loadgen's own messages only");
  }
  return fmt::format("tcp, {} bytes, depth {}, {} {}, {}, {}, {}{}", plan.sizes.text(), plan.depth,
                     plan.threads, plan.threads == 1 ? "thread" : "threads",
                     plan.payload == PayloadKind::text ? "text" : "binary",
                     plan.verify ? "verified" : "not verified", name_of(plan.engine),
                     plan.pacing == Pacing::spin ? ", spinning" : "");
}

Expected<std::filesystem::path> ceilings_file() {
  const auto folder = [](const char* variable) -> std::filesystem::path {
    const char* value = std::getenv(variable);
    return value == nullptr ? "" : value;
  };
  // "All paths must be absolute"; XDG Base Directory Specification 0.8.
  std::filesystem::path cache = folder("XDG_CACHE_HOME");
  if (!cache.is_absolute() && folder("HOME").is_absolute()) cache = folder("HOME") / ".cache";
  if (!cache.is_absolute()) return world_error("neither XDG_CACHE_HOME nor HOME is set");
  return cache / "contend" / "loadgen-ceilings.json";
}

Expected<void> save_ceiling(const std::filesystem::path& file, const std::string& shape,
                            double per_second) {
  Expected<json::array> entries = entries_of(file);
  if (!entries) return entries.error();
  const std::string machine = this_machine();
  json::array kept;
  for (const json::value& each : *entries) {
    if (!is_of(each, machine, shape)) kept.push_back(each);
  }
  kept.push_back({{"machine", machine},
                  {"shape", shape},
                  {"messages_per_second", per_second},
                  {"learned_utc", utc_now()}});
  std::error_code failed;
  std::filesystem::create_directories(file.parent_path(), failed);
  if (failed) return errno_error("making " + file.parent_path().string(), failed.value());
  return write_file(file, json_text(json::object{{"schema", ceilings_schema}, {"ceilings", kept}}));
}

Expected<double> load_ceiling(const std::filesystem::path& file, const std::string& shape) {
  const Expected<json::array> entries = entries_of(file);
  if (!entries) return entries.error();
  const std::string machine = this_machine();
  for (const json::value& each : *entries) {
    if (!is_of(each, machine, shape)) continue;
    const auto* value = each.as_object().if_contains("messages_per_second");
    if (value == nullptr || !value->is_number() || value->to_number<double>() <= 0) break;
    return value->to_number<double>();
  }
  return world_error("not calibrated");
}

void add_ceiling(const Plan& plan, Case& result) {
  Metric ceiling{.name = "ceiling_per_second", .unit = "messages/s"};
  Metric used{.name = "ceiling_used_ratio"};
  const Expected<double> known = ceiling_of(plan);
  const Metric* reached = find_metric(result, "throughput_per_second");
  if (known) {
    ceiling.value = *known;
    if (reached != nullptr && reached->value) {
      used.value = *reached->value / *known;
    } else {
      used.why = "nothing was answered";
    }
  } else {
    ceiling.why = used.why = known.error().message;
  }
  result.metrics.push_back(ceiling);
  result.metrics.push_back(used);
}

}  // namespace contend::loadgen
