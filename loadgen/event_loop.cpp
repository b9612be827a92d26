#include "loadgen/event_loop.hpp"

namespace contend::loadgen {

EventLoop::EventLoop() : bytes_(context_.get_executor(), poller_.descriptor()) {}

EventLoop::~EventLoop() {
  bytes_.release();
}

void EventLoop::wait() {
  if (!armed_) {
    armed_ = true;
    bytes_.async_wait(Descriptor::wait_read, [this](const boost::system::error_code& error) {
      armed_ = false;
      if (!error) poller_.turn({});
    });
  }
  context_.run_one();
}

void EventLoop::poll() {
  context_.poll();
  poller_.turn({});
}

void EventLoop::wait_for_bytes(std::chrono::nanoseconds longest) {
  poller_.turn(longest);
}

}  // namespace contend::loadgen
