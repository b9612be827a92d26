// races scan: sanitizer output of any program, from files or a stream, as findings.
#include <array>
#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <poll.h>
#include <unistd.h>

#include <fmt/format.h>

#include "core/command_line.hpp"
#include "core/file.hpp"
#include "core/host.hpp"
#include "core/interrupt.hpp"
#include "core/printable.hpp"
#include "core/process.hpp"
#include "core/sanitizer_report.hpp"
#include "core/summary.hpp"
#include "core/units.hpp"

#include "races/commands.hpp"
#include "races/output.hpp"

namespace contend::races {
namespace {

struct ScanOptions {
  std::vector<std::string> logs;
  std::string json;
};

/// All that comes; once interrupted, what comes within a second: whoever writes hears of a Ctrl-C
/// too.
std::string read_stream(int descriptor) {
  std::string text;
  std::array<char, 65536> piece{};
  std::optional<std::chrono::steady_clock::time_point> until;
  while (true) {
    using std::chrono::milliseconds, std::chrono::steady_clock;
    if (interrupted() && !until) until = steady_clock::now() + milliseconds(1000);
    if (until && steady_clock::now() >= *until) return text;
    std::array<pollfd, 2> either{{{descriptor, POLLIN, 0}, {interrupt_descriptor(), POLLIN, 0}}};
    const int ready = ::poll(either.data(), until ? 1 : 2, until ? 100 : -1);
    if (ready <= 0 || either[0].revents == 0) continue;
    const ssize_t got = ::read(descriptor, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
}

Expected<std::string> read_log(const std::string& name) {
  if (name != "-") return read_file(name);
  return read_stream(STDIN_FILENO);
}

std::string count_text(const SanitizerLog& log) {
  std::int64_t reports = 0;
  for (const Finding& finding : log.findings) reports += finding.count;
  return fmt::format("{} {}, {} {}", format_count(reports), reports == 1 ? "report" : "reports",
                     log.findings.size(), log.findings.size() == 1 ? "finding" : "findings");
}

/// What of the log is not in the findings, as a clause; empty if nothing.
std::string rest_text(const SanitizerLog& log) {
  std::string text;
  if (log.cut_off > 0) {
    text += fmt::format("; {} cut off, and kept as far as {}",
                        log.cut_off == 1 ? "a report is" : format_count(log.cut_off) + " are",
                        log.cut_off == 1 ? "it goes" : "they go");
  }
  if (log.other_lines > 0) {
    text += fmt::format("; {} {} of something else", format_count(log.other_lines),
                        log.other_lines == 1 ? "line is" : "lines are");
  }
  return text;
}

/// A log is a case: findings fail it, a runtime that died errs it.
Case scan(const std::string& name, const std::string& text) {
  SanitizerLog log = read_sanitizer_log(text);
  Case scanned{.id = "scan/" + (name == "-" ? std::string("stdin") : name), .title = name};
  if (log.broken) {
    scanned.verdict = Verdict::errored;
    scanned.reason = "the sanitizer's runtime died: " + *log.broken;
  } else if (text.empty()) {
    scanned.verdict = Verdict::inconclusive;
    scanned.reason = "the log is empty, which is not the same as clean";
  } else {
    scanned.verdict = log.findings.empty() ? Verdict::passed : Verdict::failed;
    scanned.reason = log.findings.empty() ? "no report" : count_text(log);
  }
  scanned.reason += rest_text(log);
  scanned.findings = std::move(log.findings);
  scanned.reproduce = quote_words({"races", "scan", name});
  return scanned;
}

std::string reported_text(const Case& in) {
  std::string text;
  for (const Finding& finding : in.findings) {
    text += fmt::format("\n{} ×{} [{}] {}\n", printable(finding.rule), finding.count,
                        finding.fingerprint, printable(finding.message)) +
            stacks_text(finding);
  }
  return text;
}

int scan_logs(const ScanOptions& options) {
  handle_interrupts();
  Report report = new_report("races");
  const auto began = std::chrono::steady_clock::now();
  for (const std::string& name : options.logs) {
    const auto text = read_log(name);
    if (!text) return report_error("races", text.error());
    report.cases.push_back(scan(name, *text));
  }
  report.interrupted = interrupted();
  report.elapsed_ns = std::chrono::nanoseconds(std::chrono::steady_clock::now() - began).count();
  std::string text = summary(report, wants_colour(stdout));
  for (const Case& each : report.cases) text += reported_text(each);
  return hand_out(report, text, options.json);
}

}  // namespace

void add_scan_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand(
      "scan", "Read what ThreadSanitizer or Go's race detector printed, in any program's output");
  const auto options = std::make_shared<ScanOptions>();
  command->add_option("LOG", options->logs, "Files, or - for standard input")->required();
  command->add_option("--json", options->json, "Write the report to this file");
  command->callback([&chosen, options] { chosen = [options] { return scan_logs(*options); }; });
}

}  // namespace contend::races
