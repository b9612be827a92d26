// A step of a pipeline: one command in a process of its own, with a time budget, that is expected
// to leave a report behind.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "core/process.hpp"
#include "core/report.hpp"
#include "core/units.hpp"

namespace contend::ci {

struct Step {
  std::string name;   ///< names its log and, where it breaks, its case: letters, digits, dashes
  std::string title;  ///< what it does, for the progress line and a broken step's case
  Command command;    ///< its output goes to log
  std::filesystem::path report;  ///< the report.json that it writes; a suite writes none
  std::filesystem::path log;     ///< what it prints
  Nanoseconds budget = std::chrono::minutes(1);
  std::string suite;              ///< not empty: any command, judged by its exit and sanitizers
  std::filesystem::path junit;    ///< what the suite says of its tests, where it writes that
  std::filesystem::path stats;    ///< what the server under test counted, where it says so
  Expect expect = Expect::clean;  ///< defect turns the verdicts of its cases round
  std::string defect = "*";       ///< the rules of the findings that count as that defect
};

/// What to run, in order, and what went wrong while planning it.
struct Pipeline {
  std::string name;
  std::vector<Step> steps;
  std::vector<Case> broken;  ///< cases of steps that could not even be planned: errored, or skipped
};

}  // namespace contend::ci
