// The sockets and moments of one thread, in an epoll set of their own. Asio, which looks after much
// else, takes two turns of its scheduler for a message. poller_in_asio.hpp makes the set one
// descriptor of an io_context, polled_socket.hpp is what moves the bytes.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <sys/epoll.h>

#include <boost/system/error_code.hpp>

#include "core/turns.hpp"

namespace contend {

/// A socket that a Poller watches.
class Polled {
 public:
  /// `events` are those of epoll_wait(2); each is told of once. It may forget any socket.
  virtual void on_ready(std::uint32_t events) = 0;

 protected:
  ~Polled() = default;
};

/// Threads: one.
class Poller final : public Turns {
 public:
  Poller();  ///< Throws std::system_error where no descriptor is left.
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  ~Poller();

  std::unique_ptr<TurnTimer> timer(std::function<void()> handler) override;
  int descriptor() const override { return set_; }

  /// Tells what the socket is ready for now, and what it becomes ready for. Errors: those of
  /// epoll_ctl(2).
  boost::system::error_code watch(int socket, Polled& polled);
  /// Tells once more what it is ready for now.
  void look_again(int socket, Polled& polled);
  /// Tells nothing more. To be called before the socket is closed.
  void forget(int socket, Polled& polled);

  int turn(int wait_ms = 0) override;

 private:
  static constexpr std::size_t most_ready = 256;

  int set_;
  std::array<epoll_event, most_ready> ready_;
  int next_ = 0;   // in ready_
  int count_ = 0;  // in ready_, of this turn; those that were forgotten meanwhile are null
};

}  // namespace contend
