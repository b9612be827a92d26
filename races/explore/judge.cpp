#include "races/explore/judge.hpp"

#include <array>
#include <csignal>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "core/printable.hpp"

namespace contend::explore {
namespace {

// In the order of Op.
constexpr std::array<std::string_view, 32> op_names{"does nothing",
                                                    "reads",
                                                    "writes",
                                                    "loads the atomic",
                                                    "stores the atomic",
                                                    "changes the atomic",
                                                    "fence",
                                                    "locks",
                                                    "tries the lock",
                                                    "unlocks",
                                                    "locks for reading",
                                                    "locks for writing",
                                                    "goes to wait",
                                                    "waits for the condition",
                                                    "notifies one",
                                                    "notifies all",
                                                    "waits for the semaphore",
                                                    "posts the semaphore",
                                                    "waits at the barrier",
                                                    "call_once",
                                                    "initialises the static",
                                                    "waits (futex)",
                                                    "wakes (futex)",
                                                    "creates",
                                                    "joins",
                                                    "sleeps",
                                                    "yields",
                                                    "exits",
                                                    "waits for input or output",
                                                    "looks at the clock",
                                                    "begins",
                                                    ""};

/// The line of the output that says most about an abort: an assertion, or what() of an exception.
std::string telling_line(const std::string& output) {
  std::string best;
  std::size_t begin = 0;
  while (begin < output.size()) {
    const std::size_t end = std::min(output.find('\n', begin), output.size());
    const std::string_view line(output.data() + begin, end - begin);
    for (const std::string_view word :
         {"ssert", "what()", "terminate called", "Failure", "ERROR", "forbidden"}) {
      if (line.find(word) != std::string_view::npos) best = line;
    }
    begin = end + 1;
  }
  return printable(best, 300);
}

/// Puts what the program said about its end beside our own sentence.
Failure with_words(Failure failure, const std::string& output) {
  std::string line = telling_line(output);
  if (!line.empty()) failure.message += ": " + line;
  std::erase_if(line, [](char c) { return c >= '0' && c <= '9'; });
  failure.said += line;
  return failure;
}

Failure judge_deadlock(const Execution& execution) {
  Failure failure{"explore.deadlock", "", {}, "deadlock"};
  for (const Waiter& waiter : execution.waiters) {
    std::string label = fmt::format("{} {}", thread_name(waiter.thread), describe(waiter.op));
    if (waiter.has_holder && waiter.holder == waiter.thread) {
      label += " what it holds itself";
    } else if (waiter.has_holder) {
      label += fmt::format(" that {} holds", thread_name(waiter.holder));
    }
    failure.message += (failure.message.empty() ? "deadlock: " : "; ") + label;
    failure.places.push_back({std::move(label), waiter.stack});
  }
  return failure;
}

Failure judge_signal(int signal, const Execution& execution, const std::string& output) {
  const std::string name = strsignal(signal);
  const std::string thread = thread_name(execution.result.thread);
  const bool has_address = signal == SIGSEGV || signal == SIGBUS;
  const std::string at =
      has_address ? fmt::format(" at address {:#x}", execution.result.fault_address) : "";
  return with_words({signal == SIGABRT ? "explore.abort" : "explore.crash",
                     name + " in " + thread + at,
                     {{thread, execution.result.stack}},
                     name},
                    output);
}

}  // namespace

std::string thread_name(std::uint16_t thread) {
  return fmt::format("T{}", thread);
}

std::string describe(Op op) {
  return std::string(op_names.at(static_cast<std::size_t>(op)));
}

std::optional<Failure> judge(const Execution& execution, const std::string& output) {
  const Result& result = execution.result;
  if (execution.hung) return std::nullopt;
  switch (result.ending) {
    case Ending::diverged:
    case Ending::uncontrolled:
      return std::nullopt;
    case Ending::deadlock:
      return judge_deadlock(execution);
    case Ending::livelock:
      return Failure{
          "explore.livelock",
          fmt::format("no end after {} steps: every thread goes on without getting anywhere",
                      result.steps),
          {{thread_name(result.thread), result.stack}},
          "livelock"};
    case Ending::heap:
      return Failure{"explore.heap",
                     fmt::format("{} in {}", result.text, thread_name(result.thread)),
                     {{thread_name(result.thread), result.stack}},
                     result.text};
    case Ending::crashed:
      return judge_signal(result.signal, execution, output);
    case Ending::running:
      break;
  }
  if (execution.signal) return judge_signal(*execution.signal, execution, output);
  if (execution.exit_code.value_or(0) == 0) return std::nullopt;
  const std::string code = std::to_string(*execution.exit_code);
  return with_words({"explore.exit", "exited with " + code, {}, code, code}, output);
}

Failure to_failure(const Leak& leak) {
  const std::string who = "allocated by thread " + thread_name(leak.thread);
  return {"explore.leak",
          fmt::format("leak of {} byte{} in {} block{}, {}", leak.bytes, leak.bytes == 1 ? "" : "s",
                      leak.blocks, leak.blocks == 1 ? "" : "s", who),
          {{who, leak.stack}},
          fmt::format("{:#x}", leak.place)};
}

std::optional<Failure> find_failure(const Execution& execution, const std::string& output,
                                    const std::string& rule, const std::string& kind) {
  const auto is_it = [&](const Failure& failure) {
    return failure.rule == rule && failure.kind == kind;
  };
  if (std::optional<Failure> failure = judge(execution, output); failure) {
    return is_it(*failure) ? failure : std::nullopt;
  }
  for (const Leak& leak : execution.leaks) {
    if (Failure failure = to_failure(leak); is_it(failure)) return failure;
  }
  return std::nullopt;
}

std::optional<std::string> unreliable(const Execution& execution) {
  if (execution.hung) return execution.hung;
  const Result& result = execution.result;
  if (result.ending == Ending::uncontrolled) return fmt::format("uncontrolled: {}", result.text);
  if (result.ending == Ending::diverged) {
    return fmt::format(
        "the program did not repeat itself at choice {}: something in it is not controlled",
        result.where);
  }
  return std::nullopt;
}

}  // namespace contend::explore
