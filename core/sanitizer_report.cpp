#include "core/sanitizer_report.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "core/printable.hpp"
#include "core/sanitizer_fingerprint.hpp"
#include "core/sanitizer_lines.hpp"

namespace contend {
namespace {

struct Section {
  std::string label;
  std::vector<Frame> frames;
};

struct RawReport {
  std::string tool;  ///< tsan or go
  std::string kind;
  std::vector<Section> sections;
  bool is_complete = false;
};

constexpr std::string_view tsan_warning = "WARNING: ThreadSanitizer: ";
constexpr std::string_view tsan_error = "ERROR: ThreadSanitizer: ";
constexpr std::string_view go_warning = "WARNING: DATA RACE";
constexpr std::string_view ruler = "==================";

/// What the runtime says when it, and not the program, is at its end.
bool is_broken_runtime(std::string_view line) {
  constexpr std::array signs{"FATAL: ThreadSanitizer",
                             "ThreadSanitizer: CHECK failed",
                             "ThreadSanitizer CHECK failed",
                             "ThreadSanitizer failed to",
                             "ThreadSanitizer: failed to",
                             "ThreadSanitizer: out of memory",
                             "ThreadSanitizer: internal allocator is out of memory"};
  if (std::ranges::any_of(signs, [&](const char* sign) { return line.find(sign) != line.npos; })) {
    return true;
  }
  const bool dies = line.find("Dying") != line.npos;
  return dies &&
         (line.find("ThreadSanitizer") != line.npos || line.find("Thread limit") != line.npos ||
          line.find("multi-threaded fork") != line.npos);
}

/// Goes through a log line by line and collects reports. Other text between and within them is
/// passed over, and so is what a test driver wrote in front of every line ("3: WARNING: …").
class Scanner {
 public:
  void line(std::string_view text) {
    if (!broken && is_broken_runtime(text)) broken = printable(trimmed(text), 300);
    if (begins_report(text)) return;
    if (!is_open_) {
      if (!trimmed(text).empty() && text.find(ruler) == text.npos) ++other_lines;
      return;
    }
    if (text.starts_with(prefix_)) text.remove_prefix(prefix_.size());
    if (text.starts_with(ruler) || text.starts_with("SUMMARY: ThreadSanitizer")) {
      close(true);
    } else if (reports.back().tool == "go") {
      go_line(text);
    } else {
      tsan_line(text);
    }
  }

  /// The end of the log.
  void end() { close(false); }

  std::vector<RawReport> reports;
  std::optional<std::string> broken;
  std::int64_t other_lines = 0;

 private:
  bool begins_report(std::string_view text) {
    for (const std::string_view start : {tsan_warning, tsan_error, go_warning}) {
      const auto at = text.find(start);
      if (at == std::string_view::npos || at > 80) continue;
      close(false);
      const bool is_go = start == go_warning;
      std::string_view kind = is_go ? "data race" : trimmed(text.substr(at + start.size()));
      kind = kind.substr(0, kind.find(" (pid="));
      if (start == tsan_error) kind = kind.substr(0, kind.find(' '));
      reports.push_back({.tool = is_go ? "go" : "tsan", .kind = printable(kind, 120)});
      // "==123==" belongs to the crash's own line, not to every line.
      prefix_ = start == tsan_error ? "" : std::string(text.substr(0, at));
      is_open_ = true;
      return true;
    }
    return false;
  }

  void close(bool complete) {
    if (is_open_) reports.back().is_complete = complete;
    is_open_ = false;
  }

  Section& current() {
    auto& sections = reports.back().sections;
    if (sections.empty()) sections.emplace_back();
    return sections.back();
  }

  void tsan_line(std::string_view text) {
    if (const auto frame = parse_frame(text)) {
      current().frames.push_back(*frame);
      return;
    }
    const bool is_header = text.size() > 2 && text.starts_with("  ") && text[2] != ' ';
    if (is_header) reports.back().sections.push_back({section_label(text), {}});
  }

  void go_line(std::string_view text) {
    if (trimmed(text).empty()) return;
    if (!text.starts_with("  ")) {
      if (text.ends_with(':')) reports.back().sections.push_back({section_label(text), {}});
      return;
    }
    Section& section = current();
    if (!section.frames.empty() && section.frames.back().line == 0 &&
        parse_go_place(text, section.frames.back())) {
      return;
    }
    section.frames.push_back({std::string(trimmed(text)), "", 0});
  }

  bool is_open_ = false;
  std::string prefix_;
};

bool begins_with_any(std::string_view text, std::initializer_list<std::string_view> starts) {
  return std::ranges::any_of(starts, [&](auto start) { return text.starts_with(start); });
}

/// The places that clash: accesses, acquisitions that close a cycle, the bare stacks of a mutex's
/// misuse. Not the threads, mutexes and memory involved.
bool is_end(const Section& section) {
  std::string_view label = section.label;
  if (label.starts_with("previous ")) label.remove_prefix(9);
  return label.empty() || label == "and" ||
         begins_with_any(label, {"read ", "write ", "atomic read", "atomic write", "racing "}) ||
         label.find("acquired here while holding") != label.npos;
}

bool is_location(const Section& section) {
  return begins_with_any(section.label,
                         {"global ", "heap block", "stack of", "TLS of", "file descriptor"});
}

/// "counter" of "global 'counter' of 4 bytes", else the kind of place: "heap block", "stack of".
std::string variable_of(const std::string& location) {
  const auto open = location.find('\'');
  const auto close = location.rfind('\'');
  if (open != location.npos && close > open) return location.substr(open + 1, close - open - 1);
  for (const char* kind : {"heap block", "stack", "TLS", "file descriptor"}) {
    if (location.starts_with(kind)) return kind;
  }
  return "";
}

/// A race on a stack gets a second location, which says nothing.
bool is_nameless_global(const Section& section) {
  return section.label.starts_with("global '<null>'") || section.label.starts_with("global '\?\?'");
}

/// "thread T3" is "thread T3 'reader'" in every label once its creation names it so.
void name_threads(std::vector<Section>& sections) {
  for (const Section& creation : sections) {
    const auto open = creation.label.find(" '");
    const auto close = creation.label.find("' created by");
    if (!creation.label.starts_with("thread T") || open > close || close == std::string::npos) {
      continue;
    }
    const std::string plain = creation.label.substr(0, open);
    const std::string named = creation.label.substr(0, close + 1);
    for (Section& section : sections) {
      const auto at = section.label.find("by " + plain);
      const bool is_whole =
          at != std::string::npos && (at + 3 + plain.size() == section.label.size() ||
                                      section.label[at + 3 + plain.size()] == ' ');
      if (is_whole && &section != &creation) section.label.replace(at + 3, plain.size(), named);
    }
  }
}

class FindingMaker {
 public:
  explicit FindingMaker(const std::filesystem::path& source_root) : sources_(source_root) {}

  Finding make(RawReport raw) {
    std::erase_if(raw.sections, is_nameless_global);
    name_threads(raw.sections);
    for (Section& section : raw.sections) {
      for (Frame& frame : section.frames) frame.file = sources_.relative(frame.file);
    }
    Finding finding;
    finding.rule = raw.tool + "." + kind_id(raw.kind);
    finding.message = raw.kind;
    std::string places;
    std::vector<const Frame*> ends;
    std::string variable;
    for (const Section& section : raw.sections) {
      if (is_location(section)) {
        variable = variable_of(section.label);
        finding.message += " on " + section.label;
      }
      if (!is_end(section) || ends.size() == 2) continue;
      ends.push_back(user_frame(section.frames));
      places += (places.empty() ? ": " : "; ") + describe(section, ends.back());
    }
    if (ends.empty() && !raw.sections.empty()) {
      ends.push_back(user_frame(raw.sections.front().frames));
      places = ": " + describe(raw.sections.front(), ends.back());
    }
    finding.message += places;
    finding.fingerprint = fingerprint_of(finding.rule, ends, variable, sources_);
    for (Section& section : raw.sections) {
      const bool says_all = is_location(section) && section.frames.empty();
      if (says_all) continue;
      finding.labels.push_back(section.label.empty() ? "here" : section.label);
      finding.stacks.push_back(std::move(section.frames));
    }
    return finding;
  }

 private:
  static std::string describe(const Section& section, const Frame* frame) {
    const std::string label = section.label.empty() ? "here" : section.label;
    if (frame == nullptr) return label;
    return fmt::format("{} at {}:{}", label, frame->file, frame->line);
  }

  SourceLines sources_;
};

void fold(std::vector<Finding>& findings, Finding finding) {
  const auto same = std::ranges::find_if(findings, [&](const Finding& other) {
    return other.rule == finding.rule && other.fingerprint == finding.fingerprint;
  });
  if (same == findings.end()) {
    findings.push_back(std::move(finding));
  } else {
    ++same->count;
  }
}

}  // namespace

std::string tsan_options(std::string_view log_prefix) {
  const char* of_user = std::getenv("TSAN_OPTIONS");
  std::string options = of_user == nullptr ? "" : std::string(of_user) + " ";
  options += "exitcode=66 halt_on_error=0 second_deadlock_stack=1 color=never";
  options += fmt::format(" stack_trace_format='{}'", tsan_frame_format);
  if (!log_prefix.empty()) options += fmt::format(" log_path='{}'", log_prefix);
  return options;
}

SanitizerLog read_sanitizer_log(std::string_view text, const std::filesystem::path& source_root) {
  Scanner scanner;
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    scanner.line(line);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  scanner.end();
  SanitizerLog log;
  log.broken = std::move(scanner.broken);
  log.cut_off = std::ranges::count(scanner.reports, false, &RawReport::is_complete);
  log.other_lines = scanner.other_lines;
  FindingMaker maker(source_root);
  for (RawReport& raw : scanner.reports) fold(log.findings, maker.make(std::move(raw)));
  return log;
}

}  // namespace contend
