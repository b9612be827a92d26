// Starts the real loadgen and reads what it wrote.
#pragma once

#include <string>
#include <vector>

#include "core/process.hpp"
#include "core/report.hpp"

namespace contend::loadgen {

struct Ran {
  Exit exit;
  std::string text;  ///< stdout and stderr
  Report report;     ///< empty when none was written

  const Case& only() const;
  double metric(const std::string& name) const;
};

/// `loadgen ARGS… --json FILE`, ended after `budget` at the latest.
Ran run_loadgen(std::vector<std::string> arguments,
                std::chrono::seconds budget = std::chrono::seconds(60));

/// Of one member of every line of a --json-stream; each line must have the members that a line has.
double sum_of_stream(const std::string& text, const char* member);

}  // namespace contend::loadgen
