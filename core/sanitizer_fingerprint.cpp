#include "core/sanitizer_fingerprint.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>

#include <fmt/format.h>

#include "core/file.hpp"

namespace contend {
namespace {

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

std::string without_blanks(std::string_view text) {
  std::string squeezed;
  std::ranges::copy_if(text, std::back_inserter(squeezed),
                       [](unsigned char c) { return std::isspace(c) == 0; });
  return squeezed;
}

bool is_relative_user_file(const std::string& file) {
  return !file.empty() && file.front() != '/' && !file.starts_with("../") &&
         !file.starts_with("sysdeps/") && !file.starts_with("csu/") && !file.starts_with("nptl/");
}

bool is_foreign(const Frame& frame) {
  constexpr std::array functions{
      "__interceptor_",        "operator new", "operator delete", "std::",    "__gthread_",
      "boost::asio::detail::", "__tsan_",      "__sanitizer_",    "runtime.", "sync."};
  constexpr std::array files{"/usr/include/", "/usr/lib/", "../", "sysdeps/", "csu/", "nptl/"};
  const auto begins = [](const std::string& text) {
    return [&text](const char* start) { return text.starts_with(start); };
  };
  return frame.file.empty() || std::ranges::any_of(functions, begins(frame.function)) ||
         std::ranges::any_of(files, begins(frame.file));
}

/// "bump" of "counter::bump(int)": what is left to tell lines apart whose text cannot be read.
std::string bare_name(std::string_view function) {
  constexpr std::string_view nameless = "(anonymous namespace)::";
  if (function.starts_with(nameless)) function.remove_prefix(nameless.size());
  function = function.substr(0, function.find('('));
  const auto last = function.find_last_of(":.");
  return std::string(last == std::string_view::npos ? function : function.substr(last + 1));
}

}  // namespace

SourceLines::SourceLines(std::filesystem::path root) : root_(std::move(root)) {
  std::error_code ignored;
  if (root_.empty()) root_ = std::filesystem::current_path(ignored);
}

std::string SourceLines::relative(const std::string& file) const {
  const std::string prefix = (root_ / "").lexically_normal().string();
  return file.size() > prefix.size() && file.starts_with(prefix) ? file.substr(prefix.size())
                                                                 : file;
}

const std::vector<std::string>& SourceLines::lines_of(const std::string& file) {
  const auto [place, is_new] = files_.try_emplace(file);
  if (!is_new || file.empty()) return place->second;
  const std::filesystem::path path = root_ / file;
  std::error_code failed;
  constexpr std::uintmax_t most = 8u << 20;
  if (!std::filesystem::is_regular_file(path, failed) ||
      std::filesystem::file_size(path, failed) > most) {
    return place->second;
  }
  if (const auto text = read_file(path)) {
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
      place->second.push_back(line);
    }
  }
  return place->second;
}

std::string SourceLines::line_at(const std::string& file, std::int64_t line) {
  const std::vector<std::string>& lines = lines_of(file);
  if (line < 1 || static_cast<std::size_t>(line) > lines.size()) return "";
  const std::string& text = lines[static_cast<std::size_t>(line) - 1];
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r") + 1 - first);
}

std::string SourceLines::text_at(const std::string& file, std::int64_t line) {
  const auto& lines = lines_of(file);
  if (line < 1 || line > static_cast<std::int64_t>(lines.size())) return "";
  const auto here = lines.begin() + (line - 1);
  const std::string text = without_blanks(*here);
  const auto before = std::count_if(
      lines.begin(), here, [&](const std::string& other) { return without_blanks(other) == text; });
  return before == 0 ? text : fmt::format("{}:{}", text, before + 1);
}

const Frame* user_frame(const std::vector<Frame>& stack) {
  const auto ours = std::ranges::find_if(
      stack, [](const Frame& frame) { return is_relative_user_file(frame.file); });
  if (ours != stack.end()) return &*ours;
  const auto other = std::ranges::find_if_not(stack, is_foreign);
  return other == stack.end() ? nullptr : &*other;
}

std::string fingerprint_of(std::string_view rule, const std::vector<const Frame*>& ends,
                           std::string_view variable, SourceLines& sources) {
  std::vector<std::string> parts;
  for (const Frame* end : ends) {
    if (end == nullptr) continue;
    const std::string text = sources.text_at(end->file, end->line);
    parts.push_back(end->file + '\n' + (text.empty() ? bare_name(end->function) : text));
  }
  std::ranges::sort(parts);
  std::string key(rule);
  for (const std::string& part : parts) key += '\n' + part;
  key += '\n';
  key += variable;
  return fmt::format("{:016x}", fnv1a(key));
}

}  // namespace contend
