// A client as a worker sees it, whatever it speaks and over what.
#pragma once

#include "loadgen/tally.hpp"

namespace contend::loadgen {

struct Destination;

/// Who wants to know what becomes of a client.
class ClientOwner {
 public:
  /// Once for each client: its first attempt to connect has succeeded or failed.
  virtual void on_settled(Clock::time_point now) = 0;
  /// Once for each client: it has nothing left to do.
  virtual void on_done() = 0;
  /// The queue of this server has no room for the client, which asks again when it is swept: of all
  /// that do, until one is told so once more.
  virtual void on_queue_full(const Destination& destination) = 0;
  /// Whether one was told so in this sweep.
  virtual bool queue_full(const Destination& destination) const = 0;

 protected:
  ~ClientOwner() = default;
};

/// Threads: the one that runs the io_context. Must outlive the io_context's run().
class Client {
 public:
  Client() = default;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  virtual ~Client() = default;

  virtual void open(Clock::time_point now, Clock::time_point measure_from) = 0;

  /// Open loop: the schedule begins, if it did not when the client was opened.
  virtual void begin(Clock::time_point now, Clock::time_point measure_from) = 0;

  /// Open loop: a message is due. `now` is the time of its handling.
  virtual void add_due(Clock::time_point due, Clock::time_point now) = 0;

  /// Gives up what waits for too long, tries again what was put off; called now and then.
  virtual void sweep(Clock::time_point now) = 0;

  /// False once nothing more can be sent over it, nor over a replacement.
  virtual bool usable() const = 0;

  /// The time is up: what is in flight may still be answered, nothing more is sent.
  virtual void stop(Clock::time_point now) = 0;
  /// So is the time for answers.
  virtual void cut(Clock::time_point now) = 0;
};

}  // namespace contend::loadgen
