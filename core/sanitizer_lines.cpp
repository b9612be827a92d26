#include "core/sanitizer_lines.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <regex>
#include <utility>
#include <vector>

namespace contend {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Cuts ":digits" off the end of `text`, if it is there.
std::optional<std::int64_t> take_number(std::string_view& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto value = number(text.substr(colon + 1));
  if (value) text = text.substr(0, colon);
  return value;
}

std::string known(std::string_view text) {
  return text == "<null>" || text == "??" ? "" : std::string(text);
}

std::string normal_path(std::string_view path) {
  const std::string text = known(path);
  return text.empty() ? text : std::filesystem::path(text).lexically_normal().string();
}

std::optional<Frame> parse_separated(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::size_t from = line.find('\x1f'); from != std::string_view::npos;) {
    const std::size_t next = line.find('\x1f', from + 1);
    fields.push_back(
        line.substr(from + 1, next == std::string_view::npos ? next : next - from - 1));
    from = next;
  }
  if (fields.size() < 5 || !number(fields[0])) return std::nullopt;
  return Frame{known(fields[2]), normal_path(fields[3]), number(fields[4]).value_or(0)};
}

/// Cuts " (BuildId: …)" and " (module+0x…)" off the end.
void drop_module(std::string_view& text) {
  while (text.ends_with(')')) {
    const auto open = text.rfind(" (");
    if (open == std::string_view::npos) return;
    const std::string_view inside = text.substr(open + 2);
    if (!inside.starts_with("BuildId: ") && inside.find("+0x") == std::string_view::npos) return;
    text = text.substr(0, open);
  }
}

/// Functions and files may hold blanks; a file begins at the first blank before a '/', else at the
/// last blank.
Frame split_function_and_file(std::string_view text) {
  const auto slash = std::min(text.find(" /"), text.find(" ../"));
  const auto blank = slash != std::string_view::npos ? slash : text.rfind(' ');
  if (blank == std::string_view::npos) return {known(text), "", 0};
  std::string_view file = text.substr(blank + 1);
  const auto last = take_number(file);
  const auto before_last = last ? take_number(file) : std::nullopt;
  const std::int64_t line = before_last ? *before_last : last.value_or(0);
  // A relative file without a line is not told from the end of a function's name.
  const bool is_file = last || slash != std::string_view::npos || file.ends_with(".o");
  if (!is_file && file != "<null>") return {known(text), "", 0};
  return {known(text.substr(0, blank)), normal_path(file), line};
}

/// What makes a section's header a label: each pattern in order. Compiled once, since a log has
/// many.
struct Rewriting {
  std::regex pattern;
  const char* with;
};

const std::array<Rewriting, 7>& rewritings() {
  static const std::array<Rewriting, 7> all{{
      {std::regex(R"(^Location is )"), ""},
      {std::regex(R"( ?\((tid=\d+, )?(running|finished)\))"), ""},
      {std::regex(R"( \(\S+\+0x[0-9a-f]+\))"), ""},
      {std::regex(R"( (at )?\(?0x[0-9a-f]+\)?)"), ""},
      {std::regex(R"(of size (\d+))"), "of $1 bytes"},
      {std::regex(R"(of 1 bytes)"), "of 1 byte"},
      {std::regex(R"( at$)"), ""},
  }};
  return all;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<Frame> parse_frame(std::string_view line) {
  if (line.find('\x1f') != std::string_view::npos) return parse_separated(line);
  std::string_view text = trimmed(line);
  if (text.size() < 3 || text.front() != '#' || !is_digit(text[1])) return std::nullopt;
  const auto blank = text.find(' ');
  if (blank == std::string_view::npos || !number(text.substr(1, blank - 1))) return std::nullopt;
  text = trimmed(text.substr(blank));
  drop_module(text);
  // A crash's frames have their address in front: "#0 0x55… in f() …".
  if (text.starts_with("0x")) {
    const auto in = text.find(" in ");
    text = in == std::string_view::npos ? std::string_view() : text.substr(in + 4);
  }
  return split_function_and_file(text);
}

bool parse_go_place(std::string_view line, Frame& frame) {
  if (!line.starts_with("      ")) return false;
  std::string_view text = trimmed(line);
  if (const auto offset = text.rfind(" +0x"); offset != std::string_view::npos) {
    text = text.substr(0, offset);
  }
  const auto number_of_line = take_number(text);
  if (!number_of_line) return false;
  frame.file = normal_path(text);
  frame.line = *number_of_line;
  return true;
}

std::string section_label(std::string_view header) {
  std::string text(trimmed(header));
  // A line this long is no header but garbage, and regular expressions recurse.
  if (text.size() > 400) text.resize(400);
  while (text.ends_with(':') || text.ends_with('.')) text.pop_back();
  for (const auto& [pattern, with] : rewritings()) text = std::regex_replace(text, pattern, with);
  if (!text.empty() && !text.starts_with("TLS")) {
    text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
  }
  return text;
}

std::string kind_id(std::string_view kind) {
  // The longer of two that begin alike stands first.
  constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kinds{{
      {"data race on vptr", "data-race-vptr"},
      {"data race", "data-race"},
      {"DATA RACE", "data-race"},
      {"heap-use-after-free (virtual call vs free)", "heap-use-after-free-vptr"},
      {"heap-use-after-free", "heap-use-after-free"},
      {"race on external object", "external-race"},
      {"race on a library object", "external-race"},
      {"thread leak", "thread-leak"},
      {"destroy of a locked mutex", "locked-mutex-destroy"},
      {"double lock of a mutex", "mutex-double-lock"},
      {"use of an invalid mutex", "mutex-invalid-access"},
      {"unlock of an unlocked mutex", "mutex-bad-unlock"},
      {"read lock of a write locked mutex", "mutex-bad-read-lock"},
      {"read unlock of a write locked mutex", "mutex-bad-read-unlock"},
      {"signal-unsafe call", "signal-unsafe-call"},
      {"signal handler spoils errno", "errno-in-signal-handler"},
      {"lock-order-inversion", "lock-order-inversion"},
      {"mutex held in the wrong context", "mutex-held-wrong-context"},
  }};
  for (const auto& [text, id] : kinds) {
    if (kind.starts_with(text)) return std::string(id);
  }
  std::string id;
  for (const char c : kind.substr(0, std::min(kind.find(" ("), std::size_t{60}))) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (plain) id += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (!plain && !id.empty() && id.back() != '-') id += '-';
  }
  while (id.ends_with('-')) id.pop_back();
  return id.empty() ? "unknown" : id;
}

}  // namespace contend
