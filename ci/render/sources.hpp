// The source lines that findings point at, read from the tree they were built from. What a report
// says is a path came from outside, so only files below the root are read, and never through "..".
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace contend::ci {

class Sources {
 public:
  explicit Sources(std::filesystem::path root) : root_(std::move(root)) {}

  /// The line (from 1) without its end, or none: no such file below the root, or no such line.
  const std::string* line(const std::string& file, std::int64_t number);

 private:
  const std::vector<std::string>& lines(const std::string& file);

  std::filesystem::path root_;
  std::map<std::string, std::vector<std::string>> read_;  ///< files read so far
};

}  // namespace contend::ci
