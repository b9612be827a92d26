// What each verb of contend was asked to do. Plain values; the command line fills them.
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "ci/compare.hpp"
#include "ci/limit.hpp"

namespace contend::ci {

struct RunOptions {
  std::filesystem::path file;                    ///< contend.toml; empty: the built-in pipeline
  std::filesystem::path out = "contend-report";  ///< a folder, made where missing
  bool dry_run = false;                          ///< print the steps and run none
};

struct InitOptions {
  std::filesystem::path out = "contend.toml";
};

struct MergeOptions {
  std::vector<std::filesystem::path> in;
  std::filesystem::path out;
};

struct ReportOptions {
  std::string to;  ///< the name of a renderer, see ci/renderers.hpp
  std::vector<std::filesystem::path> in;
  std::filesystem::path out = "/dev/stdout";
  std::filesystem::path source = ".";  ///< where the lines that findings point at are read
};

struct CompareOptions {
  std::filesystem::path base;  ///< a report, or a contend.toml to run
  std::filesystem::path now;
  int runs = 10;                                     ///< of each, where they are pipelines
  std::filesystem::path folder = "contend-compare";  ///< of those runs
  Tolerance tolerance;
  std::filesystem::path out;  ///< empty: the table only
};

struct GateOptions {
  std::vector<std::filesystem::path> in;
  std::vector<Limit> limits;
  std::filesystem::path baseline;  ///< empty: none
  std::filesystem::path known;     ///< empty: none
  Tolerance tolerance;
  std::filesystem::path out;  ///< empty: the summary only
};

using Options =
    std::variant<RunOptions, InitOptions, MergeOptions, ReportOptions, CompareOptions, GateOptions>;

}  // namespace contend::ci
