#include "loadgen/escapes.hpp"

#include <charconv>

#include <fmt/format.h>

#include "core/printable.hpp"

namespace contend::loadgen {
namespace {

constexpr std::string_view letters = "nrt0\\\"'";
constexpr std::string_view meanings{"\n\r\t\0\\\"'", 7};

/// Takes "xHH" off `text`; false if that is not what stands there.
bool take_hex(std::string_view& text, char& byte) {
  if (text.size() < 3 || text[0] != 'x') return false;
  unsigned value = 0;
  const char* first = text.data() + 1;
  const auto [end, failed] = std::from_chars(first, first + 2, value, 16);
  if (failed != std::errc{} || end != first + 2) return false;
  byte = static_cast<char>(value);
  text.remove_prefix(3);
  return true;
}

bool take_letter(std::string_view& text, char& byte) {
  const auto at = text.empty() ? std::string_view::npos : letters.find(text.front());
  if (at == std::string_view::npos) return false;
  byte = meanings[at];
  text.remove_prefix(1);
  return true;
}

}  // namespace

Expected<std::string> unescape(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    char byte = text.front();
    text.remove_prefix(1);
    if (byte == '\\' && !take_letter(text, byte) && !take_hex(text, byte)) {
      return usage_error(fmt::format("\"\\{}\" is none of \\n \\r \\t \\0 \\\\ \\\" \\' \\xHH",
                                     printable(text.substr(0, 3), 20)));
    }
    bytes += byte;
  }
  return bytes;
}

}  // namespace contend::loadgen
