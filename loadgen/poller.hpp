// The sockets of one worker that only wait for bytes. Asio connects them and does all that is rare;
// from then on a message costs a send, a receive and its share of one wait, as in a loop written by
// hand. Knows nothing of what is said.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <sys/epoll.h>

namespace contend::loadgen {

/// Threads: one owner.
class Poller {
 public:
  /// What waits for a descriptor.
  class Watched {
   public:
    /// The descriptor is ready for some of what it was watched for, or broke (EPOLLERR, EPOLLHUP).
    /// May watch, change and forget any descriptor.
    virtual void ready(std::uint32_t events) = 0;

   protected:
    ~Watched() = default;
  };

  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  /// `events` as epoll(7) has them, level-triggered. The descriptor is not watched yet.
  void watch(int descriptor, std::uint32_t events, Watched& watched);
  void change(int descriptor, std::uint32_t events, Watched& watched);
  void forget(int descriptor);

  /// How many descriptors are watched.
  std::size_t size() const { return size_; }

  /// Waits until something is ready, at most so long (zero and less: not at all), and tells those
  /// concerned. One system call. False if nothing was.
  bool turn(std::chrono::nanoseconds longest);

  /// Readable while something is ready, for those who wait for more than this.
  int descriptor() const { return epoll_; }

 private:
  int epoll_;
  std::size_t size_ = 0;
  std::array<epoll_event, 256> ready_{};
};

}  // namespace contend::loadgen
