// Text from outside made safe to show: what a server sent, a symbol name, a path.
#pragma once

#include <string>
#include <string_view>

namespace contend {

/// Valid UTF-8 without control characters: every other byte becomes \xNN, and a text longer than
/// `most` bytes is cut with "…".
std::string printable(std::string_view text, std::size_t most = 2000);

/// Valid UTF-8: a byte that belongs to no character becomes \xNN; everything else stays.
std::string valid_utf8(std::string_view text);

}  // namespace contend
