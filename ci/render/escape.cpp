#include "ci/render/escape.hpp"

#include <algorithm>

#include "core/printable.hpp"

namespace contend::ci {
namespace {

constexpr std::size_t longest_text = 10'000;

/// `each` applied to every line of `text`, joined by line ends again.
template <class Each>
std::string by_line(std::string_view text, Each each) {
  std::string out;
  while (true) {
    const std::size_t end = text.find('\n');
    out += each(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    out += '\n';
    text.remove_prefix(end + 1);
  }
}

std::size_t longest_run(std::string_view text, char of) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == of ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

/// XML has no place for the two noncharacters, however they are written.
bool is_noncharacter(std::string_view text, std::size_t at) {
  const std::string_view three = text.substr(at, 3);
  return three == "\xEF\xBF\xBE" || three == "\xEF\xBF\xBF";
}

}  // namespace

std::string escape_xml(std::string_view text) {
  const std::string safe = printable(text, longest_text);
  std::string out;
  for (std::size_t i = 0; i < safe.size(); ++i) {
    switch (safe[i]) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if (is_noncharacter(safe, i)) {
          out += "\xEF\xBF\xBD";
          i += 2;
        } else {
          out += safe[i];
        }
    }
  }
  return out;
}

std::string escape_xml_block(std::string_view text) {
  return by_line(text, escape_xml);
}

std::string escape_markdown(std::string_view text) {
  std::string out;
  for (const char c : printable(text, longest_text)) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '@') {
      out += "&#64;";
    } else {
      if (std::string_view("\\`*_[]|#~$!").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

std::string markdown_code(std::string_view text) {
  if (text.empty()) return "–";
  std::string safe = printable(text, longest_text);
  const std::string fence(longest_run(safe, '`') + 1, '`');
  for (std::size_t at = safe.find('|'); at != std::string::npos; at = safe.find('|', at + 2)) {
    safe.insert(at, 1, '\\');
  }
  const bool padded = safe.starts_with('`') || safe.ends_with('`');
  return fence + (padded ? " " + safe + " " : safe) + fence;
}

std::string markdown_block(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  const std::string safe =
      by_line(text, [](std::string_view line) { return printable(line, longest_text); });
  const std::string fence(std::max<std::size_t>(3, longest_run(safe, '`') + 1), '`');
  return fence + "text\n" + safe + "\n" + fence + "\n";
}

}  // namespace contend::ci
