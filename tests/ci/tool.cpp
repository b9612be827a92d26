#include "tests/ci/tool.hpp"

#include <algorithm>
#include <chrono>

#include "core/file.hpp"
#include "core/process.hpp"

namespace contend::ci {

using namespace std::chrono_literals;

bool has_tool(const std::string& name) {
  const auto exit = run({.argv = {"sh", "-c", "command -v " + name + " >/dev/null"}}, 30s);
  return exit && exit->ok();
}

std::string npm_judge(const std::string& path) {
  const auto judge = std::filesystem::path(CONTEND_JUDGES_DIR) / "node_modules" / path;
  return std::filesystem::exists(judge) ? judge.string() : "";
}

Judgement ask(std::vector<std::string> command, const std::string& text) {
  const ScratchFolder folder = *ScratchFolder::make();
  const auto subject = folder.path() / "subject";
  const auto said = folder.path() / "said";
  if (!write_file(subject, text)) return {};
  std::ranges::replace(command, std::string("{}"), subject.string());
  const auto exit = run({.argv = std::move(command), .stdout_to = said, .stderr_to = said}, 100s);
  return {exit && exit->ok(), read_file(said).value()};
}

}  // namespace contend::ci
