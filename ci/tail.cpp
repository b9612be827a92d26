#include "ci/tail.hpp"

#include "core/file.hpp"
#include "core/printable.hpp"

namespace contend::ci {
namespace {

constexpr std::size_t tail_size = 600;

std::string in_one_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  if (text.size() > tail_size) {
    text.remove_prefix(text.size() - tail_size);
    const std::size_t line = text.find('\n');
    if (line < tail_size / 2) text.remove_prefix(line + 1);
  }
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string(" / ") : std::string(1, c);
  return printable(out, 4 * tail_size);
}

}  // namespace

std::string last_words(const std::filesystem::path& log) {
  const Expected<std::string> said = read_file(log);
  const std::string last = said ? in_one_line(*said) : "";
  return last.empty() ? "; it printed nothing" : "; it last printed: " + last;
}

}  // namespace contend::ci
