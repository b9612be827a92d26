// The signals that a server minds, read from a descriptor: no handler, so nothing runs at a bad
// moment. Two or more ask differently from core/interrupt.hpp: the second one still closes the
// books.
#pragma once

#include <chrono>
#include <optional>

namespace contend::server {

/// Blocks SIGINT, SIGTERM and SIGUSR1 for this thread and all that it starts, and ignores SIGPIPE.
/// Make it first thing, before any thread.
class Signals {
 public:
  Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals();

  /// The next signal, or none within `budget`.
  std::optional<int> wait(std::chrono::nanoseconds budget) const;

 private:
  int descriptor_;
};

}  // namespace contend::server
