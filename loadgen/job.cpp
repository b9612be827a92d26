#include "loadgen/job.hpp"

#include <thread>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "core/file.hpp"
#include "core/interrupt.hpp"

namespace contend::loadgen {
namespace {

constexpr auto start_look_interval = std::chrono::milliseconds(10);

std::filesystem::path ready_in(const std::filesystem::path& folder) {
  return folder / "ready";
}
std::filesystem::path start_in(const std::filesystem::path& folder) {
  return folder / "start";
}

std::filesystem::path figures_in(const std::filesystem::path& folder) {
  return folder / "figures";
}

/// Never seen half written.
Expected<void> put(const std::filesystem::path& file, const std::string& text) {
  const std::filesystem::path draft = file.string() + ".draft";
  if (const auto written = write_file(draft, text); !written) return written;
  std::error_code error;
  std::filesystem::rename(draft, file, error);
  if (error) return world_error("writing " + file.string() + ": " + error.message());
  return {};
}

}  // namespace

std::filesystem::path file_of(const Job& job) {
  return job.folder / "job.json";
}
std::filesystem::path report_of(const Job& job) {
  return job.folder / "report.json";
}
std::filesystem::path figures_of(const Job& job) {
  return figures_in(job.folder);
}

Expected<void> save(const Job& job) {
  const boost::json::object json{
      {"index", job.shard.index},
      {"of", job.shard.of},
      {"seed", job.seed},
      {"targets", boost::json::array(job.targets.begin(), job.targets.end())},
      {"name", job.name}};
  return put(file_of(job), boost::json::serialize(json));
}

Expected<void> become_part(const std::filesystem::path& file, Options& options) {
  const Expected<std::string> text = read_file(file);
  if (!text) return text.error();
  Job job{.folder = file.parent_path()};
  try {
    const auto json = boost::json::parse(*text);
    job.shard = {json.at("index").to_number<std::uint32_t>(),
                 json.at("of").to_number<std::uint32_t>()};
    job.seed = json.at("seed").to_number<std::uint64_t>();
    for (const auto& each : json.at("targets").as_array()) {
      job.targets.emplace_back(each.as_string());
    }
    job.name = json.at("name").as_string();
  } catch (const std::exception&) {
    return usage_error("--as: " + file.string() + " holds no job");
  }
  options.shard = job.shard;
  options.seed = job.seed;
  options.gate = job.folder.string();
  options.json = report_of(job);
  options.json_stream.clear();
  options.targets = job.targets;
  options.name = job.name;
  options.spawn.clear();
  options.attach.reset();
  options.hdr_log.clear();
  options.assertions.clear();  // of the whole
  options.workers = 1;
  return {};
}

std::optional<Nanoseconds> await_start(const std::filesystem::path& folder) {
  if (!put(ready_in(folder), "")) return std::nullopt;
  while (!interrupted()) {
    if (const Expected<std::string> text = read_file(start_in(folder))) {
      return Nanoseconds(std::strtoll(text->c_str(), nullptr, 10));
    }
    std::this_thread::sleep_for(start_look_interval);
  }
  return std::nullopt;
}

void tell_figures(const std::filesystem::path& folder, const Snapshot& snapshot) {
  (void)put(figures_in(folder), to_text(snapshot));
}

bool is_ready(const Job& job) {
  return std::filesystem::exists(ready_in(job.folder));
}

Expected<void> tell_start(const Job& job, Nanoseconds start) {
  return put(start_in(job.folder), std::to_string(start.count()));
}

}  // namespace contend::loadgen
