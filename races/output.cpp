#include "races/output.hpp"

#include <utility>

#include <fmt/format.h>

#include "core/command_line.hpp"
#include "core/print.hpp"
#include "core/printable.hpp"
#include "core/report_json.hpp"

namespace contend::races {

std::string stacks_text(const Finding& finding) {
  std::string text;
  for (std::size_t i = 0; i < finding.stacks.size(); ++i) {
    text += fmt::format("  {}\n", printable(finding.labels[i]));
    for (const Frame& frame : finding.stacks[i]) {
      text +=
          fmt::format("    {} {}:{}\n", frame.function.empty() ? "?" : printable(frame.function),
                      frame.file.empty() ? "?" : printable(frame.file), frame.line);
    }
  }
  return text;
}

int print_out(const std::string& text) {
  const Expected<void> printed = print(stdout, text);
  return printed ? 0 : report_error("races", printed.error());
}

int hand_out(const Report& report, const std::string& text, const std::string& json,
             const Expected<void>& before) {
  Expected<void> printed = print(stdout, text);
  const Expected<void> saved = json.empty() ? Expected<void>() : save(report, json);
  if (!json.empty() && saved && printed) {
    printed = print(stdout, fmt::format("\nreport: {}\n", printable(json)));
  }
  for (const Expected<void>* done : {&before, &saved, &std::as_const(printed)}) {
    if (!*done) return report_error("races", done->error());
  }
  return exit_code(report);
}

}  // namespace contend::races
