// Other people's programs as judges of what we print.
#pragma once

#include <string>
#include <vector>

namespace contend::ci {

/// Whether a program of this name is on PATH.
bool has_tool(const std::string& name);

/// Where a program of tests/ci/judges lies; empty where npm could not install them.
std::string npm_judge(const std::string& path);

struct Judgement {
  bool accepted = false;
  std::string said;  ///< everything it printed
};

/// Runs a command with `text` in a file; the word "{}" of the command becomes that file's path.
Judgement ask(std::vector<std::string> command, const std::string& text);

}  // namespace contend::ci
