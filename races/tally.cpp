#include "races/tally.hpp"

#include <algorithm>
#include <numeric>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "core/file.hpp"

namespace contend::races {
namespace {

namespace json = boost::json;

ArrangementTally arrangement_of(const json::value& in) {
  ArrangementTally tally;
  tally.shape = json::value_to<std::string>(in.at("shape"));
  tally.states = in.at("states").to_number<std::int64_t>();
  tally.elapsed_ns = in.at("elapsed_ns").to_number<std::int64_t>();
  for (const json::value& outcome : in.at("outcomes").as_array()) {
    tally.outcomes[json::value_to<std::string>(outcome.at(0))] +=
        outcome.at(1).to_number<std::int64_t>();
  }
  return tally;
}

std::vector<std::string> strings_of(const json::value& in) {
  std::vector<std::string> strings;
  for (const json::value& each : in.as_array()) {
    strings.push_back(json::value_to<std::string>(each));
  }
  return strings;
}

ActorStand stand_of(const json::value& in) {
  return {.actor = in.at("actor").to_number<std::int64_t>(),
          .doing = json::value_to<std::string>(in.at("doing")),
          .offsets = strings_of(in.at("frames"))};
}

std::string known(const json::value& in) {
  const auto text = json::value_to<std::string>(in);
  return text == "<null>" || text == "??" ? "" : text;
}

HookReport hook_report_of(const json::value& in) {
  HookReport report;
  report.kind = json::value_to<std::string>(in.at("kind"));
  for (const json::value& stack : in.at("stacks").as_array()) {
    std::vector<Frame>& frames = report.stacks.emplace_back();
    for (const json::value& frame : stack.as_array()) {
      const std::filesystem::path file = known(frame.at(1));
      frames.push_back({known(frame.at(0)), file.lexically_normal().string(),
                        frame.at(2).to_number<std::int64_t>()});
    }
  }
  return report;
}

void take(Tally& tally, const json::object& line) {
  if (const json::value* counted = line.if_contains("tally")) {
    std::vector<ArrangementTally> arrangements;
    for (const json::value& each : counted->at("arrangements").as_array()) {
      arrangements.push_back(arrangement_of(each));
    }
    tally.arrangements = std::move(arrangements);
    tally.is_done = counted->at("done").as_bool();
  }
  if (const json::value* hang = line.if_contains("hang")) {
    tally.hang.emplace();
    for (const json::value& each : hang->at("actors").as_array()) {
      tally.hang->push_back(stand_of(each));
    }
  }
  if (const json::value* crash = line.if_contains("crash")) {
    tally.crash = Crash{.signal = crash->at("signal").to_number<int>(),
                        .stand = {.doing = "crashed", .offsets = strings_of(crash->at("frames"))}};
  }
  if (const json::value* report = line.if_contains("report")) {
    tally.hook_reports.push_back(hook_report_of(*report));
  }
}

/// Two lines a frame: function, then file:line.
std::vector<Frame> frames_of(std::string_view text) {
  std::vector<Frame> frames;
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  for (std::size_t i = 0; i + 1 < lines.size(); i += 2) {
    std::string_view place = lines[i + 1];
    place = place.substr(0, place.find(" (discriminator"));
    const auto colon = place.rfind(':');
    if (lines[i] == "??" || colon == std::string_view::npos) continue;
    const std::string file =
        std::filesystem::path(place.substr(0, colon)).lexically_normal().string();
    frames.push_back({std::string(lines[i]), file == "??" ? "" : file,
                      std::atoll(std::string(place.substr(colon + 1)).c_str())});
  }
  return frames;
}

bool is_of_the_runner(const Frame& frame) {
  return frame.file.find("races/runner/") != std::string::npos ||
         frame.file.find("contend/races.hpp") != std::string::npos;
}

// Or of a sanitizer's runtime in the program, which has no lines.
bool is_of_the_library(const Frame& frame) {
  return frame.line == 0 || frame.file.starts_with("/usr/") || frame.function.starts_with("std::");
}

}  // namespace

std::int64_t trials(const ArrangementTally& in) {
  std::int64_t sum = 0;
  for (const auto& [seen, count] : in.outcomes) sum += count;
  return sum;
}

std::int64_t trials(const Tally& in) {
  std::int64_t sum = 0;
  for (const ArrangementTally& each : in.arrangements) sum += trials(each);
  return sum;
}

std::map<std::string, std::int64_t> outcomes(const Tally& in) {
  std::map<std::string, std::int64_t> all;
  for (const ArrangementTally& each : in.arrangements) {
    for (const auto& [seen, count] : each.outcomes) all[seen] += count;
  }
  return all;
}

Tally parse_tally(std::string_view lines) {
  Tally tally;
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    lines = end == std::string_view::npos ? std::string_view() : lines.substr(end + 1);
    if (!line.starts_with('{')) continue;
    try {
      take(tally, json::parse(line).as_object());
    } catch (const std::exception&) {
      continue;
    }
  }
  return tally;
}

void look_up(ActorStand& stand, const std::filesystem::path& program) {
  const auto scratch = ScratchFolder::make();
  if (stand.offsets.empty() || !scratch) return;
  std::vector<std::string> words{"addr2line", "-f", "-C", "-i", "-e", program.string()};
  words.insert(words.end(), stand.offsets.begin(), stand.offsets.end());
  const auto answer = scratch->path() / "frames";
  const auto exit =
      contend::run({.argv = words, .stdout_to = answer, .stderr_to = scratch->path() / "errors"},
                   std::chrono::seconds(30));
  if (!exit || !exit->ok()) return;
  const auto text = read_file(answer);
  if (!text) return;
  stand.frames = frames_of(*text);
  std::erase_if(stand.frames, is_of_the_runner);
}

std::string describe(const ActorStand& stand) {
  std::string text =
      stand.actor > 0 ? fmt::format("actor {} {}", stand.actor, stand.doing) : stand.doing;
  const auto own = std::ranges::find_if_not(stand.frames, is_of_the_library);
  if (own == stand.frames.end() || stand.doing.starts_with("waits")) return text;
  text += fmt::format(" at {}:{}", own->file, own->line);
  // The instance of a template says less than its place.
  if (own->function.size() < 60) text += fmt::format(" ({})", own->function);
  return text;
}

}  // namespace contend::races
