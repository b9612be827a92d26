#include "loadgen/script.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "core/file.hpp"
#include "core/printable.hpp"
#include "core/process.hpp"
#include "core/units.hpp"

#include "loadgen/escapes.hpp"

namespace contend::loadgen {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Takes the next word off the line.
std::string_view take_word(std::string_view& line) {
  const auto end = std::min(line.find_first_of(" \t"), line.size());
  const std::string_view word = line.substr(0, end);
  line = trimmed(line.substr(end));
  return word;
}

/// Takes what stands between quotes off the line, as it is written there.
Expected<std::string> take_quoted(std::string_view& line) {
  if (!line.starts_with('"')) return usage_error("a text in \"quotes\" is missing");
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '"') {
      const std::string inside(line.substr(1, i - 1));
      line = trimmed(line.substr(i + 1));
      return inside;
    }
  }
  return usage_error("a quote is not closed");
}

Expected<std::string> take_bytes(std::string_view& line) {
  const Expected<std::string> inside = take_quoted(line);
  if (!inside) return inside;
  Expected<std::string> bytes = unescape(*inside);
  if (bytes && bytes->empty()) return usage_error("the text is empty");
  return bytes;
}

Expected<Step> bytes_step(Step::Kind kind, std::string_view& rest) {
  const Expected<std::string> bytes = take_bytes(rest);
  if (!bytes) return bytes.error();
  return Step{.kind = kind, .text = *bytes};
}

Expected<Step> length_step(std::string_view& rest) {
  const std::string_view word = take_word(rest);
  if (word == "{1}") return Step{.kind = Step::Kind::length};
  const Expected<std::uint64_t> length = parse_bytes(word);
  if (!length) return length.error();
  if (*length == 0 || *length > longest_answer) {
    return usage_error(fmt::format("\"{}\" is not between 1 and 1G", printable(word, 40)));
  }
  return Step{.kind = Step::Kind::length, .length = static_cast<std::size_t>(*length)};
}

Expected<Step> pattern_step(std::string_view& rest) {
  const Expected<std::string> text = take_quoted(rest);
  if (!text) return text.error();
  const auto pattern = Pattern::compile(*text);
  if (!pattern) return pattern.error();
  if (take_word(rest) != "until") return usage_error("until \"TEXT\" is missing");
  const Expected<std::string> until = take_bytes(rest);
  if (!until) return until.error();
  return Step{.kind = Step::Kind::pattern, .until = *until, .pattern = *pattern};
}

Expected<Step> parse_step(std::string_view line) {
  const std::string_view verb = take_word(line);
  Expected<Step> step =
      verb == "send"            ? bytes_step(Step::Kind::send, line)
      : verb == "expect"        ? bytes_step(Step::Kind::literal, line)
      : verb == "expect-length" ? length_step(line)
      : verb == "expect-match"
          ? pattern_step(line)
          : usage_error(fmt::format("\"{}\" is none of send, expect, expect-length, expect-match, "
                                    "repeat",
                                    printable(verb, 40)));
  if (step && !line.empty()) {
    return usage_error(fmt::format("\"{}\" is too much", printable(line, 40)));
  }
  return step;
}

/// What is repeated must ask something, and know when it is answered.
Expected<void> check(const Script& script) {
  const auto first = script.steps.begin() + static_cast<std::ptrdiff_t>(script.repeat_from);
  const bool asks = first != script.steps.end() && first->kind == Step::Kind::send;
  if (!asks) return usage_error(script.name + ": what is repeated must begin with send");
  if (script.steps.back().kind == Step::Kind::send) {
    return usage_error(script.name + ": the last step must expect something");
  }
  bool matched = false;
  for (const Step& step : script.steps) {
    matched |= step.kind == Step::Kind::pattern;
    if (step.kind == Step::Kind::length && !step.length && !matched) {
      return usage_error(
          fmt::format("{} line {}: {{1}} is of the last expect-match, and there is none",
                      script.name, step.line));
    }
  }
  return {};
}

}  // namespace

std::size_t Script::largest_send() const {
  std::size_t largest = 0;
  std::size_t sum = 0;
  for (const Step& step : steps) {
    sum = step.kind == Step::Kind::send ? sum + step.text.size() : 0;
    largest = std::max(largest, sum);
  }
  return largest;
}

Expected<Script> parse_script(std::string_view text, const std::string& name) {
  Script script{.name = name, .steps = {}};
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    if (line == "repeat") {
      script.repeat_from = script.steps.size();
      continue;
    }
    Expected<Step> step = parse_step(line);
    if (!step) {
      return usage_error(fmt::format("{} line {}: {}", name, number, step.error().message));
    }
    step->line = number;
    script.steps.push_back(std::move(*step));
  }
  if (const auto fine = check(script); !fine) return fine.error();
  return script;
}

Expected<Script> load_script(const std::string& name) {
  std::filesystem::path path = name;
  const bool bare = name.find('/') == std::string::npos;
  std::error_code ignored;
  if (bare && !std::filesystem::exists(path, ignored)) {
    path = program_folder().parent_path() / "share/contend/scripts" / (name + ".script");
  }
  const Expected<std::string> text = read_file(path);
  if (!text) return Error{text.error().kind, "--script: " + text.error().message};
  Expected<Script> script = parse_script(*text, name);
  if (!script) return Error{script.error().kind, "--script: " + script.error().message};
  return script;
}

}  // namespace contend::loadgen
