// What every command line of ours does the same way: help, version, one sentence about bad input,
// exit
// 64. The options themselves belong to the rooms. Includes CLI11: for command-line files only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "core/expected.hpp"

namespace contend {

/// Gives `app` its name, --help and --version (version, revision, compiler, sanitizer, `engines`:
/// what does the work, and any further lines).
void describe_program(CLI::App& app, const std::string& name, const std::string& what_it_does,
                      const std::string& engines);

/// Parses. Returns nothing when the program should go on, else the exit code, after having printed
/// help or the sentence about what is wrong.
std::optional<int> parse(CLI::App& app, int argc, const char* const* argv);

/// Prints "NAME: message" on stderr and returns the exit code of its kind.
int report_error(const std::string& program, const Error& error);

/// An option whose text is turned into a T by a parser of core/units.hpp or a room's own; what that
/// parser has to say about bad text becomes the sentence, with the flag in front.
template <class T>
CLI::Option* add_parsed(CLI::App& app, const std::string& flags, T& into,
                        Expected<T> (*parser)(std::string_view), const std::string& help) {
  CLI::Option* option = app.add_option_function<std::string>(
      flags,
      [&into, parser, flags](const std::string& text) {
        const Expected<T> parsed = parser(text);
        if (!parsed) {
          throw CLI::ValidationError(flags.substr(flags.rfind(',') + 1), parsed.error().message);
        }
        into = *parsed;
      },
      help);
  return option;
}

template <class T>
CLI::Option* add_parsed(CLI::App& app, const std::string& flags, std::optional<T>& into,
                        Expected<T> (*parser)(std::string_view), const std::string& help) {
  return app.add_option_function<std::string>(
      flags,
      [&into, parser, flags](const std::string& text) {
        const Expected<T> parsed = parser(text);
        if (!parsed) {
          throw CLI::ValidationError(flags.substr(flags.rfind(',') + 1), parsed.error().message);
        }
        into = *parsed;
      },
      help);
}

}  // namespace contend
