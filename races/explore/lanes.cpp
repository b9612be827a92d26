#include "races/explore/lanes.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include "core/sanitizer_fingerprint.hpp"

#include "races/explore/judge.hpp"

namespace contend::explore {
namespace {

constexpr std::size_t width = 30;
constexpr std::size_t most_columns = 6;

/// The event is the first since a choice that preempted somebody.
bool is_preempting(std::span<const Event> events, std::size_t at, std::span<const Choice> choices) {
  const std::uint32_t number = events[at].choices_before;
  const std::uint32_t before = at == 0 ? 0 : events[at - 1].choices_before;
  if (number == before || number == 0 || number > choices.size()) return false;
  const Choice& choice = choices[number - 1];
  return choice.kind == ChoiceKind::thread && choice.may_continue && choice.picked != 0;
}

bool is_own(const Frame& frame) {
  return !frame.file.empty() && user_frame({frame}) != nullptr;
}

// At the line of the user's own code that led there, where there is one near.
std::string place_of(const Event& event, Symbols& symbols) {
  Frame frame = symbols.frame(event.pc);
  for (const std::uint64_t caller : event.callers) {
    if (is_own(frame)) break;
    const Frame outer = symbols.frame(caller);
    if (is_own(outer)) frame = outer;
  }
  if (frame.file.empty()) return "";
  return fmt::format(" {}:{}", std::filesystem::path(frame.file).filename().string(), frame.line);
}

std::string text_of(const Event& event, Symbols& symbols) {
  std::string text =
      event.op == Op::create ? fmt::format("creates T{}", event.object) : describe(event.op);
  if (event.timed_out) text += " (timed out)";
  return text + place_of(event, symbols);
}

}  // namespace

std::string draw_lanes(std::span<const Event> events, std::span<const Choice> choices,
                       Symbols& symbols, std::size_t most) {
  // What the first thread does alone is no news.
  const auto born = std::ranges::find(events, Op::create, &Event::op);
  events =
      events.subspan(born == events.end() ? 0 : static_cast<std::size_t>(born - events.begin()));
  const std::size_t first = events.size() > most ? events.size() - most : 0;
  std::vector<std::uint64_t> counters;
  std::size_t threads = 1;
  for (const Event& event : events.subspan(first)) {
    counters.insert(counters.end(), {event.pc, event.callers[0], event.callers[1]});
    threads = std::max<std::size_t>(threads, event.thread + 1U);
  }
  symbols.load(counters);
  const std::size_t columns = std::min(threads, most_columns);
  std::string text = " ";
  for (std::size_t i = 0; i < columns; ++i) {
    const bool shared = i + 1 == columns && threads > columns;
    text += fmt::format(" {:<{}}", shared ? "others" : thread_name(static_cast<std::uint16_t>(i)),
                        width);
  }
  text += first == 0 ? "\n" : fmt::format("\n  … {} earlier steps\n", first);
  std::string last;
  for (std::size_t i = first; i < events.size(); ++i) {
    const std::size_t column = std::min<std::size_t>(events[i].thread, columns - 1);
    const std::string name = events[i].thread >= columns ? thread_name(events[i].thread) + " " : "";
    std::string line = fmt::format("{} {:{}}{}{}\n", is_preempting(events, i, choices) ? '>' : ' ',
                                   "", column * (width + 1), name, text_of(events[i], symbols));
    if (line != last) text += line;
    last = std::move(line);
  }
  return text;
}

}  // namespace contend::explore
