#include "core/command_line.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>

#include <fmt/format.h>

#include "core/host.hpp"
#include "core/version.hpp"

namespace contend {
namespace {

constexpr int exit_usage = 64;

std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  while (text.ends_with(' ') || text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

void describe_program(CLI::App& app, const std::string& name, const std::string& what_it_does,
                      const std::string& engines) {
  const Host host = this_host();
  app.name(name);
  app.description(what_it_does);
  app.set_version_flag(
      "--version",
      fmt::format("{} {} ({})\ncompiler: {}\nsanitizer: {}\nbuild type: {}\nengines: {}", name,
                  version, revision, host.compiler, host.sanitizer, host.build_type, engines));
  app.get_formatter()->column_width(34);
  app.failure_message(
      [](const CLI::App*, const CLI::Error& error) { return one_line(error.what()) + "\n"; });
}

std::optional<int> parse(CLI::App& app, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      app.exit(error, std::cout, std::cerr);
      std::cout.flush();
      return std::cout ? 0 : 3;
    }
    fmt::print(stderr, "{}: {}\n", app.get_name(), one_line(error.what()));
    return exit_usage;
  }
}

int report_error(const std::string& program, const Error& error) {
  fmt::print(stderr, "{}: {}\n", program, error.message);
  return exit_code(error.kind);
}

}  // namespace contend
