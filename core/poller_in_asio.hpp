// A Poller that takes its turns in an io_context, between whatever else that does.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "core/poller.hpp"

namespace contend {

/// Threads: the one that runs the io_context. It must outlive neither that nor the Poller.
class PollerInAsio {
 public:
  PollerInAsio(Poller& poller, boost::asio::io_context& context)
      : poller_(poller), set_(context.get_executor(), poller.descriptor()) {}
  PollerInAsio(const PollerInAsio&) = delete;
  PollerInAsio& operator=(const PollerInAsio&) = delete;
  ~PollerInAsio() { set_.release(); }

  /// Takes turns from now on; keeps the io_context at work. Where nothing else in that is in a
  /// hurry, it may be kept waiting for most_turns times `patience_ms`: a socket that is alone then
  /// costs three system calls a turn, not five.
  void start(int patience_ms = 0) {
    patience_ms_ = patience_ms;
    await();
  }
  void stop() {
    stopped_ = true;
    set_.cancel();
  }

 private:
  // Then timers and the others have theirs.
  static constexpr int most_turns = 8;

  void await() {
    set_.async_wait(set_.wait_read, [this](const boost::system::error_code& error) {
      if (!error) take_turns();
    });
  }

  void take_turns() {
    // Where several were ready, more of them will be by now; who is alone is waited for.
    const int too_few = patience_ms_ > 0 ? 0 : 1;
    for (int i = 0; i < most_turns && !stopped_; ++i) {
      if (poller_.turn(patience_ms_) <= too_few) break;
    }
    if (!stopped_) await();
  }

  Poller& poller_;
  boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> set_;
  int patience_ms_ = 0;
  bool stopped_ = false;
};

}  // namespace contend
