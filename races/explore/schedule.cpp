#include "races/explore/schedule.hpp"

#include <charconv>
#include <stdexcept>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>
#include <fmt/format.h>

#include "core/json_text.hpp"
#include "core/printable.hpp"

namespace contend::explore {
namespace {

namespace json = boost::json;

constexpr std::string_view format_name = "contend.schedule/1";

// One choice: what was picked, of how many, by or for which thread, its kind, whether the running
// thread could have gone on, and the hash of what had happened before.
json::array to_array(const Choice& choice) {
  return {choice.picked,
          choice.count,
          choice.thread,
          static_cast<int>(choice.kind),
          choice.may_continue ? 1 : 0,
          choice.check};
}

// Numbers that do not fit are refused, by value_to.
Choice to_choice(const json::value& value) {
  const json::array& array = value.as_array();
  const auto number = [&](std::size_t i) { return json::value_to<std::uint16_t>(array.at(i)); };
  const std::uint16_t kind = number(3);
  if (kind > static_cast<std::uint16_t>(ChoiceKind::other)) {
    throw std::invalid_argument(fmt::format("no choice is of kind {}", kind));
  }
  return {number(0),      number(1),
          number(2),      static_cast<ChoiceKind>(kind),
          number(4) != 0, json::value_to<std::uint32_t>(array.at(5))};
}

std::uint64_t to_hash(const std::string& text) {
  std::uint64_t hash = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, failed] = std::from_chars(text.data(), end, hash, 16);
  if (failed != std::errc() || stopped != end) {
    throw std::invalid_argument(fmt::format("\"{}\" is no hash", printable(text, 40)));
  }
  return hash;
}

Schedule read(const json::object& object) {
  Schedule schedule;
  schedule.argv = json::value_to<std::vector<std::string>>(object.at("argv"));
  if (schedule.argv.empty()) throw std::invalid_argument("its argv names no program");
  schedule.name = json::value_to<std::string>(object.at("name"));
  schedule.strategy = json::value_to<std::string>(object.at("strategy"));
  schedule.seed = json::value_to<std::uint64_t>(object.at("seed"));
  schedule.rule = json::value_to<std::string>(object.at("rule"));
  schedule.kind = json::value_to<std::string>(object.at("kind"));
  schedule.message = json::value_to<std::string>(object.at("message"));
  schedule.every_access = object.at("every_access").as_bool();
  schedule.unlock_points = object.at("unlock_points").as_bool();
  schedule.start_points = object.at("start_points").as_bool();
  schedule.weak_memory = object.at("weak_memory").as_bool();
  schedule.steps = json::value_to<std::uint64_t>(object.at("steps"));
  schedule.racy = json::value_to<std::vector<std::uint64_t>>(object.at("racy"));
  schedule.hash = to_hash(json::value_to<std::string>(object.at("hash")));
  const json::array& choices = object.at("choices").as_array();
  if (choices.size() > max_choices) {
    throw std::invalid_argument(fmt::format("more than {} choices", max_choices));
  }
  for (const json::value& choice : choices) {
    schedule.choices.push_back(to_choice(choice));
  }
  return schedule;
}

}  // namespace

std::string to_json(const Schedule& schedule) {
  json::array choices;
  for (const Choice& choice : schedule.choices) choices.push_back(to_array(choice));
  return json_text(json::object{
      {"format", format_name},
      {"name", schedule.name},
      {"argv", json::value_from(schedule.argv)},
      {"rule", schedule.rule},
      {"kind", schedule.kind},
      {"message", schedule.message},
      {"strategy", schedule.strategy},
      {"seed", schedule.seed},
      {"every_access", schedule.every_access},
      {"unlock_points", schedule.unlock_points},
      {"start_points", schedule.start_points},
      {"weak_memory", schedule.weak_memory},
      {"steps", schedule.steps},
      {"racy", json::value_from(schedule.racy)},
      {"hash", fmt::format("{:016x}", schedule.hash)},
      {"choices", std::move(choices)},
  });
}

Expected<Schedule> schedule_from_json(std::string_view text) {
  boost::system::error_code failed;
  const json::value value = json::parse({text.data(), text.size()}, failed);
  if (failed || !value.is_object()) return usage_error("not a schedule: it is not a JSON object");
  const json::value* format = value.get_object().if_contains("format");
  if (format == nullptr || !format->is_string() || format->get_string() != format_name) {
    return usage_error(fmt::format("not a schedule of format {}", format_name));
  }
  try {
    return read(value.get_object());
  } catch (const std::exception& broken) {
    return usage_error(fmt::format("a broken schedule: {}", broken.what()));
  }
}

Instruction instruction_of(const Schedule& schedule) {
  Instruction told;
  told.strategy = StrategyKind::first;
  told.strict = true;
  told.every_access = schedule.every_access;
  told.unlock_points = schedule.unlock_points;
  told.start_points = schedule.start_points;
  told.weak_memory = schedule.weak_memory;
  told.step_limit = schedule.steps;
  return told;
}

}  // namespace contend::explore
