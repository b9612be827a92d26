// The sockets of one thread on an io_uring: a turn hands over what all of them send and brings what
// came to all of them, in one system call.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "core/turns.hpp"

namespace contend::loadgen {

/// What a Ring is for. The first two decide on speed alone.
struct RingLoad {
  std::size_t sockets = 1;
  std::size_t most_at_a_time = 0;  ///< bytes that come to one of them, if it is answered so soon
  bool sends_fit = false;  ///< into the buffers between, whatever the other end does: who has sent
                           ///< hears of it only where it failed
};

/// Threads: that which calls begin() and all that follows it.
class Ring final : public Turns {
 public:
  using Clock = std::chrono::steady_clock;

  /// What was asked for, and is told of.
  enum class Operation : std::uint8_t { receive, send, wait_writable, wait_until };

  /// Who owns a socket here, or a moment.
  class Owner {
   public:
    /// `result` is what the system call would have returned, or minus its errno. Of what was
    /// received `bytes` are there until this returns. It may leave().
    virtual void on_done(Operation operation, int result, std::span<const char> bytes) = 0;

   protected:
    ~Owner() = default;
  };

  /// Throws std::system_error.
  explicit Ring(const RingLoad& load);
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring();

  void begin();

  std::unique_ptr<TurnTimer> timer(std::function<void()> handler) override;
  int descriptor() const override;
  /// `wait_ms`: 0, or else for ever.
  int turn(int wait_ms = 0) override;
  bool look() override;
  void end_turns() override;
  std::chrono::nanoseconds awake() const override { return awake_; }

  static constexpr int no_socket = -1;

  bool sends_fit() const { return sends_fit_; }

  /// A place for what is done with a socket, until leave().
  std::uint32_t enter(Owner& owner, int socket);
  /// Nothing more is told of; what is under way ends. To be called before the socket is closed.
  void leave(std::uint32_t place);

  /// Receives what comes from now on, until its end (result 0) or an error.
  void receive(std::uint32_t place);
  /// Sends what the kernel takes now of `bytes`, which were built in room(). Where sends fit
  /// nothing is told of it unless less was sent.
  void send(std::uint32_t place, std::span<const char> bytes);
  /// Until the kernel takes something, or the socket has connected or failed to.
  void wait_writable(std::uint32_t place);
  /// Of steady_clock; to be kept until it was handed over.
  void wait_until(std::uint32_t place, timespec& time);

  /// Not before what is told of came, nor after what is sent meanwhile goes; not to be asked
  /// between turns. A look at the clock for each would cost as much as their verification.
  Clock::time_point now() const { return now_; }

  /// For the bytes of the next send().
  std::span<char> room();

  /// Hands over what was asked for so far; otherwise that is done when the turn is over, or at once
  /// between turns.
  void submit();

 private:
  class Kernel;
  struct Place {
    Owner* owner = nullptr;
    int socket = no_socket;
    std::uint32_t generation = 0;  // of owners: what was asked for by an earlier one is not told
    std::uint32_t under_way = 0;   // operations that the kernel may take its time for
  };

  void wait();
  int tell();
  void fetch_owner(unsigned at) const;
  void handed_over();
  void feed_hungry();
  Owner* owner_of(std::uint32_t place, std::uint32_t generation) const;
  void handle(std::uint64_t packed, int result, std::uint32_t flags);
  void asked();

  std::unique_ptr<Kernel> kernel_;
  bool sends_fit_;
  std::vector<Place> places_;
  std::vector<std::uint32_t> free_;                             // in places_
  std::deque<std::pair<std::uint32_t, std::uint32_t>> hungry_;  // place and generation
  std::vector<char> room_;
  std::size_t used_ = 0;  // of room_, by what was not handed over yet
  unsigned queued_ = 0;   // sends not handed over yet
  int patience_ = 0;
  unsigned naps_ = 0;  // without a try to do without
  std::chrono::nanoseconds awake_{};
  Clock::time_point now_{};
  bool turning_ = false;
};

}  // namespace contend::loadgen
