#include "core/summary.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <unistd.h>

#include <fmt/format.h>

#include "core/printable.hpp"
#include "core/units.hpp"

namespace contend {
namespace {

constexpr std::array verdicts{Verdict::errored, Verdict::failed, Verdict::inconclusive,
                              Verdict::passed, Verdict::skipped};

const char* colour_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::skipped:
      return "\033[2m";
    case Verdict::passed:
      return "\033[32m";
    case Verdict::inconclusive:
      return "\033[33m";
    case Verdict::failed:
      return "\033[31m";
    case Verdict::errored:
      return "\033[35m";
  }
  return "";
}

std::string word(Verdict verdict, bool colour, std::size_t width) {
  const std::string text = fmt::format("{:<{}}", to_string(verdict), width);
  return colour ? colour_of(verdict) + text + "\033[0m" : text;
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

std::string headline(const Report& report, bool colour) {
  const Verdict verdict = overall(report);
  std::string text = upper(to_string(verdict));
  if (colour) text = std::string(colour_of(verdict)) + "\033[1m" + text + "\033[0m";
  return fmt::format(
      "{}  {}{}, {}\n", text, report.cases.empty() ? "nothing ran" : count_verdicts(report),
      report.interrupted ? ", interrupted" : "", format_duration(Nanoseconds(report.elapsed_ns)));
}

std::string findings(const Case& in) {
  constexpr std::size_t most = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(most, in.findings.size()); ++i) {
    const Finding& finding = in.findings[i];
    text += fmt::format("{:16}{}: {}\n", "", finding.rule, printable(finding.message, 300));
  }
  if (in.findings.size() > most) {
    text += fmt::format("{:16}and {} more findings\n", "", in.findings.size() - most);
  }
  return text;
}

}  // namespace

std::string count_verdicts(const Report& report) {
  std::string text;
  for (const Verdict verdict : verdicts) {
    const auto count = std::ranges::count(report.cases, verdict, &Case::verdict);
    if (count == 0) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", count, to_string(verdict));
  }
  return text;
}

std::string summary(const Report& report, bool colour) {
  std::string text = headline(report, colour);
  std::size_t widest = 0;
  for (const Case& each : report.cases) widest = std::max(widest, printable(each.id, 60).size());
  for (const Case& each : report.cases) {
    text += fmt::format("  {}  {:<{}}  {}\n", word(each.verdict, colour, 12),
                        printable(each.id, 60), widest, printable(each.reason, 400));
    // A defect that was planted and seen needs no attention here; the report holds its findings.
    if (each.verdict != Verdict::passed) text += findings(each);
  }
  return text;
}

bool wants_colour(std::FILE* stream) {
  const char* no_colour = std::getenv("NO_COLOR");
  if (no_colour != nullptr && *no_colour != '\0') return false;
  const char* terminal = std::getenv("TERM");
  if (terminal != nullptr && std::string_view(terminal) == "dumb") return false;
  return ::isatty(::fileno(stream)) == 1;
}

}  // namespace contend
