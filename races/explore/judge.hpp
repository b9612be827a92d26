// What an execution means: fine, a failure of the program, or nothing that can be relied on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "races/explore/target.hpp"

namespace contend::explore {

/// One thread's place in a failure.
struct Place {
  std::string label;  ///< "T2 waits for the lock that T1 holds"
  Stack stack;
};

struct Failure {
  std::string rule;     ///< "explore.deadlock", "explore.crash", "explore.exit", …
  std::string message;  ///< one sentence
  std::vector<Place> places;

  std::string kind;  ///< tells it from others of its rule: the signal, the code, the heap error, …
  std::string said =
      "";  ///< what the program said about it, without numbers: they may be addresses
};

/// None when the program behaved, or when nothing can be said: see unreliable().
std::optional<Failure> judge(const Execution& execution, const std::string& output);

/// A leak as the failure that it is for those who minimise and replay; it does not end the search.
Failure to_failure(const Leak& leak);

/// The failure or leak of that rule and kind, if the execution has it.
std::optional<Failure> find_failure(const Execution& execution, const std::string& output,
                                    const std::string& rule, const std::string& kind);

/// Why this execution supports no claim; none if it does.
std::optional<std::string> unreliable(const Execution& execution);

/// "T0", the first thread, "T1", …
std::string thread_name(std::uint16_t thread);

/// "waits for a lock", "reads", …: what a step does.
std::string describe(Op op);

}  // namespace contend::explore
