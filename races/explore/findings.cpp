#include "races/explore/findings.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace contend::explore {
namespace {

std::string label_of(const Access& access) {
  if (access.freed) return fmt::format("freed by thread {}", thread_name(access.thread));
  return fmt::format("{}{} of {} byte{} by thread {}", access.atomic ? "atomic " : "",
                     access.write ? "write" : "read", access.size, access.size == 1 ? "" : "s",
                     thread_name(access.thread));
}

// Where all are the library's by name, as of a lambda that was inlined into its caller, the first.
const Frame* telling_frame(const std::vector<Frame>& stack) {
  const Frame* frame = user_frame(stack);
  return frame != nullptr || stack.empty() ? frame : &stack.front();
}

std::string where(const std::vector<Frame>& stack) {
  const Frame* frame = telling_frame(stack);
  if (frame == nullptr || frame->file.empty()) return "an unknown place";
  return fmt::format("{}:{}", frame->file, frame->line);
}

std::string fingerprint(const Finding& finding, SourceLines& sources, std::string_view said = "") {
  std::vector<const Frame*> ends;
  for (const auto& stack : finding.stacks) {
    if (const Frame* frame = telling_frame(stack); frame != nullptr) ends.push_back(frame);
  }
  return fingerprint_of(finding.rule, ends, said, sources);
}

}  // namespace

Finding to_finding(const Race& race, Symbols& symbols, SourceLines& sources) {
  Finding finding;
  const bool freed = race.earlier.freed || race.later.freed;
  finding.rule = freed ? "explore.use-after-free" : "explore.data-race";
  for (const Access* side : {&race.later, &race.earlier}) {
    finding.stacks.push_back(symbols.frames(side->stack));
    finding.labels.push_back(label_of(*side));
  }
  finding.message = fmt::format("{}: {} at {} and {} at {}", freed ? "use after free" : "data race",
                                finding.labels[0], where(finding.stacks[0]), finding.labels[1],
                                where(finding.stacks[1]));
  finding.fingerprint = fingerprint(finding, sources);
  return finding;
}

Finding to_finding(const Failure& failure, Symbols& symbols, SourceLines& sources) {
  Finding finding;
  finding.rule = failure.rule;
  finding.message = failure.message;
  for (const Place& place : failure.places) {
    finding.stacks.push_back(symbols.frames(place.stack));
    finding.labels.push_back(place.label);
  }
  finding.fingerprint = fingerprint(finding, sources, failure.said);
  return finding;
}

Finding to_finding(const Leak& leak, Symbols& symbols, SourceLines& sources) {
  Finding finding = to_finding(to_failure(leak), symbols, sources);
  finding.message += " at " + where(finding.stacks[0]);
  return finding;
}

std::size_t fold(std::vector<Finding>& findings, Finding finding) {
  const auto known = std::ranges::find_if(findings, [&](const Finding& other) {
    return other.rule == finding.rule && other.fingerprint == finding.fingerprint;
  });
  const auto place = static_cast<std::size_t>(known - findings.begin());
  if (known == findings.end()) {
    findings.push_back(std::move(finding));
  } else {
    known->count += finding.count;
  }
  return place;
}

}  // namespace contend::explore
