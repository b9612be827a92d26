// What tells the sockets and moments of a thread of what has become of them, in turns.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace contend {

/// A moment. Threads: that of its turns, which outlive it.
class TurnTimer {
 public:
  virtual ~TurnTimer() = default;

  /// Calls the handler once, then, or soon where that is over; no more for what was set before,
  /// unless the turn under way was about to.
  virtual void expire_at(std::chrono::steady_clock::time_point time) = 0;
  virtual void cancel() = 0;
};

/// Threads: one.
class Turns {
 public:
  /// Throws std::system_error where no descriptor is left.
  virtual std::unique_ptr<TurnTimer> timer(std::function<void()> handler) = 0;

  /// Is readable while there is something to tell.
  virtual int descriptor() const = 0;
  /// Tells what there is to tell, waiting for the first of it at most so many milliseconds, or for
  /// ever where that is -1; of how many.
  virtual int turn(int wait_ms = 0) = 0;
  /// A turn of one that asks all the time and never waits for the descriptor; whether there was
  /// anything to do.
  virtual bool look() { return turn() > 0; }
  /// No other turn follows at once.
  virtual void end_turns() {}
  /// How much of the processor's time went into waiting.
  virtual std::chrono::nanoseconds awake() const { return {}; }

 protected:
  ~Turns() = default;
};

}  // namespace contend
