// contend.toml: servers, loads against each, experiments, test suites, limits and a baseline. Read
// strictly: a key that nobody knows is an error with its line, since a typing mistake would
// otherwise switch a check off.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/expected.hpp"
#include "core/report.hpp"
#include "core/units.hpp"

#include "ci/limit.hpp"

namespace contend::ci {

struct ServerEntry {
  std::string name;
  std::string command;  ///< with {port}; or
  std::string address;  ///< of one that runs already
};

struct LoadEntry {
  std::string name;
  std::string server;                ///< empty: every server
  std::vector<std::string> options;  ///< of loadgen
  Expect expect = Expect::clean;
  std::string defect = "*";  ///< rules of the findings that are expected
  std::optional<Nanoseconds> budget;
};

struct ExperimentEntry {
  std::string name;
  std::string modes = "native,tsan";
  std::optional<Nanoseconds> budget;
};

struct SuiteEntry {
  std::string name;
  std::vector<std::string> command;
  std::string junit;  ///< the file in which the command says what became of each test
  Expect expect = Expect::clean;
  std::string defect = "*";  ///< rules of the findings that are expected
  std::optional<Nanoseconds> budget;
};

struct PipelineFile {
  Nanoseconds budget = std::chrono::minutes(2);  ///< of a step that names none
  std::vector<ServerEntry> servers;
  std::vector<LoadEntry> loads;
  std::vector<ExperimentEntry> experiments;
  std::vector<SuiteEntry> suites;
  std::vector<Limit> limits;
  std::string baseline;  ///< a report, named from the file's folder; empty: none
  std::string known;     ///< reviewed findings, likewise
};

/// `name` is what errors call the text. Errors: not TOML; a key that is unknown, missing or of
/// another type; a value that makes no sense: each with its line.
Expected<PipelineFile> parse_pipeline_file(std::string_view text, const std::string& name);

/// What `contend init` writes: every key, explained, and a pipeline that runs as it is.
std::string_view pipeline_template();

}  // namespace contend::ci
