#include "core/printable.hpp"

#include <cstdint>

#include <fmt/format.h>

namespace contend {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
}

/// Bytes of the well-formed UTF-8 sequence at the front of `text`; 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  const std::uint8_t lead = byte_at(text, 0);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_at(text, i) & 0xc0) != 0x80) return 0;
  }
  const std::uint8_t next = byte_at(text, 1);
  const bool overlong = (lead == 0xe0 && next < 0xa0) || (lead == 0xf0 && next < 0x90);
  const bool surrogate = lead == 0xed && next >= 0xa0;
  const bool too_high = lead == 0xf4 && next >= 0x90;
  return overlong || surrogate || too_high ? 0 : length;
}

/// Whether the well-formed sequence at the front of `text` may be shown: no control character, and
/// none of the marks that turn the text's direction around and could make it show something else.
bool is_showable(std::string_view text) {
  const std::uint8_t lead = byte_at(text, 0);
  const std::uint8_t second = byte_at(text, 1);
  const std::uint8_t third = byte_at(text, 2);
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7f;
  const bool c1_control = lead == 0xc2 && second < 0xa0;
  const bool direction = lead == 0xe2 && ((second == 0x80 && third >= 0xaa && third <= 0xae) ||
                                          (second == 0x81 && third >= 0xa6 && third <= 0xa9));
  return !c1_control && !direction;
}

std::string escaped(char byte) {
  return fmt::format("\\x{:02x}", static_cast<std::uint8_t>(byte));
}

}  // namespace

std::string printable(std::string_view text, std::size_t most) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= most) return out + "…";
    const std::size_t length = sequence_length(text);
    if (length == 0 || !is_showable(text)) {
      out += escaped(text.front());
      text.remove_prefix(1);
    } else {
      out += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return out;
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    out += length == 0 ? escaped(text.front()) : std::string(text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace contend
