// The event loop of one worker: Asio for what is rare (connecting, timers, TLS, what other threads
// post), a Poller for the bytes of sockets that are connected.
#pragma once

#include <chrono>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "loadgen/poller.hpp"

namespace contend::loadgen {

/// Threads: one owner, who may let others post to the context.
class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  boost::asio::io_context& context() { return context_; }
  Poller& poller() { return poller_; }
  const Poller& poller() const { return poller_; }

  /// Waits for whatever comes first, and lets it go on.
  void wait();
  /// Lets go on what is ready; waits for nothing.
  void poll();
  /// Waits for bytes only, at most so long: cheaper, if nothing else is expected meanwhile.
  void wait_for_bytes(std::chrono::nanoseconds longest);

 private:
  using Descriptor =
      boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

  boost::asio::io_context context_{1};
  Poller poller_;
  Descriptor bytes_;    // the poller's, lent to Asio
  bool armed_ = false;  // Asio tells when there are bytes
};

}  // namespace contend::loadgen
