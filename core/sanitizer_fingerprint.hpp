// What makes two findings the same one: the text of the lines at both ends, not their numbers.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/report.hpp"

namespace contend {

/// Lines of source files, read when first asked for and kept.
class SourceLines {
 public:
  explicit SourceLines(std::filesystem::path root);

  /// The path relative to the root where it lies under it, else as it was.
  std::string relative(const std::string& file) const;

  /// What identifies a line whatever its number: its text without blanks, and ":k" if it is the
  /// k-th of that text in the file. Empty when the file cannot be read or has no such line.
  std::string text_at(const std::string& file, std::int64_t line);

  /// The line as it stands, without the blanks around it; empty where it cannot be read.
  std::string line_at(const std::string& file, std::int64_t line);

 private:
  const std::vector<std::string>& lines_of(const std::string& file);

  std::filesystem::path root_;
  std::map<std::string, std::vector<std::string>> files_;
};

/// The first frame of the user's own code: under the source root, else not in the runtime, the
/// standard library or the system. Null if there is none.
const Frame* user_frame(const std::vector<Frame>& stack);

/// A hash of the kind, both ends (unordered) and the variable. Not in it: addresses, line numbers,
/// read or write, nor, unless a line's text cannot be read, the function's name: compilers differ.
std::string fingerprint_of(std::string_view rule, const std::vector<const Frame*>& ends,
                           std::string_view variable, SourceLines& sources);

}  // namespace contend
