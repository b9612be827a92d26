#include "races/explore/lanes.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "core/printable.hpp"

#include "races/explore/bounded_search.hpp"
#include "races/explore/judge.hpp"

namespace contend::explore {
namespace {

constexpr std::size_t least_width = 30;
constexpr std::size_t most_width = 48;
constexpr std::size_t most_columns = 6;
constexpr std::size_t most_code = 200;

/// The event is the first since a choice that preempted somebody.
bool is_preempting(std::span<const Event> events, std::size_t at, std::span<const Choice> choices) {
  const std::uint32_t number = events[at].choices_before;
  const std::uint32_t before = at == 0 ? 0 : events[at - 1].choices_before;
  if (number == before || number == 0 || number > choices.size()) return false;
  const Choice& choice = choices[number - 1];
  return preempts(choice);
}

// Half of them the last, a quarter the first, and between them where somebody was interrupted: the
// first times, since a loop without end is full of it later.
std::vector<std::size_t> worth_showing(std::span<const Event> events,
                                       std::span<const Choice> choices, std::size_t most) {
  const std::size_t tail = events.size() > most ? events.size() - most / 2 : 0;
  std::vector<std::size_t> shown;
  const auto show = [&shown](std::size_t step) {
    const std::size_t next = shown.empty() ? 0 : shown.back() + 1;
    if (step == next + 1) shown.push_back(next);  // as short as a remark on it
    if (step >= next) shown.push_back(step);
  };
  const std::size_t head = std::min(most / 4, tail);
  for (std::size_t i = 0; i < head; ++i) show(i);
  for (std::size_t i = head; i < tail && shown.size() + 3 <= most / 2; ++i) {
    if (i == 0 || !is_preempting(events, i, choices)) continue;
    show(i - 1);
    show(i);
  }
  for (std::size_t i = tail; i < events.size(); ++i) show(i);
  return shown;
}

// By its file: the user's lambda may have become part of a function of the library's.
bool is_own(const Frame& frame) {
  if (frame.file.empty()) return false;
  const bool elsewhere = frame.file.front() == '/' && !frame.file.starts_with("/usr/");
  return elsewhere || user_frame({frame}) != nullptr;
}

// At the line of the user's own code that led there, where there is one near.
Frame place_of(const Event& event, Symbols& symbols) {
  Frame frame = symbols.frame(event.pc);
  for (const std::uint64_t caller : event.callers) {
    if (is_own(frame)) break;
    const Frame outer = symbols.frame(caller);
    if (is_own(outer)) frame = outer;
  }
  return frame;
}

void put(LaneStep& step, const Frame& at, SourceLines& sources) {
  if (at.file.empty()) return;
  step.file = sources.relative(at.file);
  step.line = at.line;
  step.code = printable(sources.line_at(at.file, at.line), most_code);
}

LaneStep to_step(const Event& event, Symbols& symbols, SourceLines& sources) {
  LaneStep step{.lane = event.thread};
  step.what =
      event.op == Op::create ? fmt::format("creates T{}", event.object) : describe(event.op);
  if (event.timed_out) step.what += " (timed out)";
  put(step, place_of(event, symbols), sources);
  return step;
}

// What one does again and again is a line.
void append(std::vector<LaneStep>& lanes, LaneStep step, std::size_t& times) {
  if (!lanes.empty()) {
    LaneStep same = step;
    same.what = times > 1 ? fmt::format("{} ×{}", step.what, times) : step.what;
    if (lanes.back() == same) {
      lanes.back().what = fmt::format("{} ×{}", step.what, ++times);
      return;
    }
  }
  times = 1;
  lanes.push_back(std::move(step));
}

LaneStep last_step(std::uint16_t thread, std::string what, const Stack& stack, Symbols& symbols,
                   SourceLines& sources) {
  LaneStep step{.lane = thread, .what = std::move(what)};
  const std::vector<Frame> frames = symbols.frames(stack);
  const auto own = std::ranges::find_if(frames, is_own);
  if (own != frames.end()) put(step, *own, sources);
  return step;
}

std::string text_of(const LaneStep& step) {
  if (step.file.empty()) return step.what;
  const std::string file = std::filesystem::path(step.file).filename().string();
  return fmt::format("{} {}:{}", step.what, printable(file, 200), step.line);
}

std::size_t width_of(const std::vector<LaneStep>& lanes) {
  std::size_t longest = least_width;
  for (const LaneStep& step : lanes) {
    if (step.lane >= 0) longest = std::max(longest, text_of(step).size());
  }
  return std::min(longest, most_width);
}

std::size_t count_columns(const std::vector<LaneStep>& lanes) {
  std::int64_t last = 0;
  for (const LaneStep& step : lanes) last = std::max(last, step.lane);
  return std::min(static_cast<std::size_t>(last) + 1, most_columns);
}

std::string line_of(const LaneStep& step, std::size_t columns, std::size_t width) {
  if (step.lane < 0) return fmt::format("  … {}\n", step.what);
  const auto lane = static_cast<std::size_t>(step.lane);
  const std::size_t column = std::min(lane, columns - 1);
  const std::string name = lane >= columns ? fmt::format("T{} ", lane) : "";
  const std::string text = fmt::format("{} {:{}}{}{}", step.switched ? '>' : ' ', "",
                                       column * (width + 1), name, text_of(step));
  if (step.code.empty()) return text + "\n";
  return fmt::format("{:<{}} │ {}\n", text, columns * (width + 1) + 1, step.code);
}

}  // namespace

std::vector<LaneStep> lanes_of(std::span<const Event> events, std::span<const Choice> choices,
                               Symbols& symbols, SourceLines& sources, std::size_t most) {
  // What the first thread does alone is no news.
  const auto born = std::ranges::find(events, Op::create, &Event::op);
  events =
      events.subspan(born == events.end() ? 0 : static_cast<std::size_t>(born - events.begin()));
  const std::vector<std::size_t> shown = worth_showing(events, choices, most);
  std::vector<std::uint64_t> counters;
  for (const std::size_t i : shown) {
    counters.push_back(events[i].pc);
    counters.insert(counters.end(), std::begin(events[i].callers), std::end(events[i].callers));
  }
  symbols.load(counters);
  std::vector<LaneStep> lanes;
  std::size_t next = 0;
  std::size_t times = 0;
  for (const std::size_t i : shown) {
    if (i > next) lanes.push_back({.lane = -1, .what = fmt::format("{} steps", i - next)});
    next = i + 1;
    LaneStep step = to_step(events[i], symbols, sources);
    step.switched = is_preempting(events, i, choices);
    append(lanes, std::move(step), times);
  }
  return lanes;
}

std::vector<LaneStep> last_lanes_of(const Execution& execution, Symbols& symbols,
                                    SourceLines& sources) {
  std::vector<LaneStep> lanes;
  const Result& result = execution.result;
  if (result.ending == Ending::deadlock) {
    for (const Waiter& waiter : execution.waiters) {
      lanes.push_back(last_step(waiter.thread, describe(waiter.op) + ", for ever", waiter.stack,
                                symbols, sources));
    }
  } else if (result.ending == Ending::crashed || result.ending == Ending::heap) {
    lanes.push_back(last_step(result.thread, "ends here", result.stack, symbols, sources));
  }
  return lanes;
}

std::string draw_lanes(const std::vector<LaneStep>& lanes) {
  const std::size_t columns = count_columns(lanes);
  const std::size_t width = width_of(lanes);
  std::int64_t last = 0;
  for (const LaneStep& step : lanes) last = std::max(last, step.lane);
  const bool shared = static_cast<std::size_t>(last) >= columns;
  std::string text = " ";
  for (std::size_t i = 0; i < columns; ++i) {
    text += fmt::format(" {:<{}}", shared && i + 1 == columns ? "others" : fmt::format("T{}", i),
                        width);
  }
  text += "\n";
  for (const LaneStep& step : lanes) text += line_of(step, columns, width);
  return text;
}

}  // namespace contend::explore
