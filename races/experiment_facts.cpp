#include "races/experiment_facts.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "core/file.hpp"
#include "core/printable.hpp"
#include "core/process.hpp"

namespace contend::races {
namespace {

namespace json = boost::json;

Grade grade_of(std::string_view text) {
  if (text == "acceptable") return Grade::acceptable;
  if (text == "interesting") return Grade::interesting;
  return text == "forbidden" ? Grade::forbidden : Grade::unknown;
}

Sees sees_of(std::string_view text) {
  if (text == "blind") return Sees::blind;
  return text == "false_alarm" ? Sees::false_alarm : Sees::defect;
}

std::string text_of(const json::value& in, const char* member) {
  return json::value_to<std::string>(in.at(member));
}

ExperimentFacts experiment_of(const json::value& in) {
  ExperimentFacts facts;
  facts.name = text_of(in, "name");
  facts.title = text_of(in, "title");
  facts.source = {text_of(in, "file"), in.at("line").to_number<std::int64_t>()};
  facts.actors = in.at("actors").to_number<std::int64_t>();
  facts.is_broken = in.at("broken").as_bool();
  facts.is_canary = in.at("canary").as_bool();
  facts.counts_to = in.at("counts_to").to_number<std::int64_t>();
  for (const json::value& each : in.at("expectations").as_array()) {
    facts.foreseen.push_back(
        {text_of(each, "seen"), grade_of(text_of(each, "grade")), text_of(each, "why")});
  }
  for (const json::value& each : in.at("views").as_array()) {
    facts.sights.push_back(
        {text_of(each, "lens"), sees_of(text_of(each, "sight")), text_of(each, "why")});
  }
  return facts;
}

}  // namespace

const KnownSight* sight_of(const ExperimentFacts& experiment, std::string_view lens) {
  const auto found = std::ranges::find(experiment.sights, lens, &KnownSight::lens);
  return found == experiment.sights.end() ? nullptr : &*found;
}

const Foreseen* foreseen(const ExperimentFacts& experiment, std::string_view seen) {
  for (const std::string_view wanted : {seen, std::string_view("*")}) {
    const auto found = std::ranges::find(experiment.foreseen, wanted, &Foreseen::seen);
    if (found != experiment.foreseen.end()) return &*found;
    // A trial without an outcome is not "any other outcome".
    if (seen == "hang" || seen == "crash") break;
  }
  return nullptr;
}

Expected<std::vector<ExperimentFacts>> parse_facts(std::string_view lines) {
  std::vector<ExperimentFacts> all;
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    lines = end == std::string_view::npos ? std::string_view() : lines.substr(end + 1);
    try {
      all.push_back(experiment_of(json::parse(line).at("experiment")));
    } catch (const std::exception& error) {
      return world_error(
          fmt::format("no list of experiments: {} in \"{}\"", error.what(), printable(line, 80)));
    }
  }
  return all;
}

Expected<std::vector<ExperimentFacts>> facts_of(const std::filesystem::path& program) {
  const auto scratch = ScratchFolder::make();
  if (!scratch) return scratch.error();
  const auto answer = scratch->path() / "list";
  const auto exit = run({.argv = {program.string(), "list"},
                         .stdout_to = answer,
                         .stderr_to = scratch->path() / "errors"},
                        std::chrono::seconds(20));
  if (!exit) return exit.error();
  if (!exit->ok()) {
    return world_error(
        fmt::format("listing the experiments of {}: it {}", program.string(), describe(*exit)));
  }
  const auto text = read_file(answer);
  if (!text) return text.error();
  return parse_facts(*text);
}

}  // namespace contend::races
