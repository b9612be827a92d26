// A Poller, or what else has turns, that takes them in an io_context, between whatever that does.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "core/turns.hpp"

namespace contend {

/// Threads: the one that runs the io_context. It must outlive neither that nor what has the turns.
class PollerInAsio {
 public:
  PollerInAsio(Turns& turns, boost::asio::io_context& context)
      : turns_(turns), set_(context.get_executor(), turns.descriptor()) {}
  PollerInAsio(const PollerInAsio&) = delete;
  PollerInAsio& operator=(const PollerInAsio&) = delete;
  ~PollerInAsio() { set_.release(); }

  /// Takes turns from now on; keeps the io_context at work.
  void start() {
    set_.async_wait(set_.wait_read, [this](const boost::system::error_code& error) {
      if (!error) take_turns();
    });
  }
  /// From now on the io_context has nothing else to do until stop(), so that sockets are waited for
  /// here: one that is alone costs a turn three system calls then, not five.
  void take_over() { alone_ = true; }
  void stop() {
    stopped_ = true;
    set_.cancel();
  }

 private:
  // Then timers and the others have theirs.
  static constexpr int most_turns = 8;

  void take_turns() {
    for (int i = 0; i < most_turns && !stopped_ && !alone_; ++i) {
      // Where several were ready, more of them will be by now; who is alone is waited for.
      if (turns_.turn() <= 1) break;
    }
    while (alone_ && !stopped_) turns_.turn(-1);
    turns_.end_turns();
    if (!stopped_) start();
  }

  Turns& turns_;
  boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> set_;
  bool alone_ = false;
  bool stopped_ = false;
};

}  // namespace contend
