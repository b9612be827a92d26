// A Poller, or what else has turns, that takes them in an io_context, between whatever that does.
#pragma once

#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "core/turns.hpp"

namespace contend {

/// Threads: the one that runs the io_context. It must outlive neither that nor what has the turns.
class PollerInAsio {
  struct Needs {  // of the io_context, where the turns have taken over
    int awaited = 0;
    bool asked = false;
  };

 public:
  /// While there is one, what somebody waits for in the io_context is looked for all the time.
  class AsioIsAwaited {
   public:
    explicit AsioIsAwaited(PollerInAsio& turns) : needs_(turns.needs_) { ++needs_->awaited; }
    AsioIsAwaited(const AsioIsAwaited&) = delete;
    AsioIsAwaited& operator=(const AsioIsAwaited&) = delete;
    ~AsioIsAwaited() {
      --needs_->awaited;
      needs_->asked = true;  // there may be more than what was awaited
    }

   private:
    std::shared_ptr<Needs> needs_;  // may go with the io_context, when the turns are gone
  };

  PollerInAsio(Turns& turns, boost::asio::io_context& context)
      : turns_(turns), context_(context), set_(context.get_executor(), turns.descriptor()) {}
  PollerInAsio(const PollerInAsio&) = delete;
  PollerInAsio& operator=(const PollerInAsio&) = delete;
  ~PollerInAsio() { set_.release(); }

  /// Takes turns from now on; keeps the io_context at work.
  void start() {
    set_.async_wait(set_.wait_read, [this](const boost::system::error_code& error) {
      if (!error) take_turns();
    });
  }
  /// From now on the io_context has nothing else to do until stop(), but what ask_asio() tells of,
  /// so that sockets are waited for here: one that is alone costs a turn three system calls then,
  /// not five.
  void take_over() { alone_ = true; }
  /// The io_context, or who stopped it, has something to say.
  void ask_asio() { needs_->asked = true; }
  void stop() {
    stopped_ = true;
    set_.cancel();
  }

 private:
  // Then timers and the others have theirs.
  static constexpr int most_turns = 8;
  static constexpr int most_handlers = 2;

  void take_turns() {
    for (int i = 0; i < most_turns && goes_on() && !is_alone(); ++i) {
      // Where several were ready, more of them will be by now; who is alone is waited for.
      if (turns_.turn() <= 1) break;
    }
    while (is_alone() && goes_on()) {
      turns_.turn(needs_->asked ? 0 : -1);
      if (needs_->asked) needs_->asked = run_some();
    }
    turns_.end_turns();
    if (!stopped_) start();
  }

  bool goes_on() const { return !stopped_ && !context_.stopped(); }
  bool is_alone() const { return alone_ && needs_->awaited == 0; }

  /// Whether there may be more.
  bool run_some() {
    int handlers = 0;
    while (handlers < most_handlers && context_.poll_one() > 0) ++handlers;
    return handlers == most_handlers;
  }

  Turns& turns_;
  boost::asio::io_context& context_;
  boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> set_;
  std::shared_ptr<Needs> needs_ = std::make_shared<Needs>();
  bool alone_ = false;
  bool stopped_ = false;
};

}  // namespace contend
