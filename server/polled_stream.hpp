// A plain socket whose bytes a Poller moves, for the loops of one thread: what Asio does for an
// operation costs more there than the echo does.
#pragma once

#include <coroutine>
#include <span>
#include <tuple>
#include <utility>

#include <boost/intrusive/list.hpp>

#include "core/polled_socket.hpp"
#include "core/poller_in_asio.hpp"

#include "server/socket.hpp"

namespace contend::server {

/// The coroutines of one loop's streams: those that wait for theirs are ended with the loop.
class Waiting {
 public:
  using Hook =
      boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
  struct Entry : Hook {
    std::coroutine_handle<> coroutine;  ///< null while it does not wait
  };

  Waiting() = default;
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    while (!entries_.empty()) {
      Entry& entry = entries_.front();
      entries_.pop_front();
      if (entry.coroutine) entry.coroutine.destroy();
    }
  }

  void add(Entry& entry) { entries_.push_back(entry); }

 private:
  boost::intrusive::list<Entry, boost::intrusive::constant_time_size<false>> entries_;
};

class PolledStream;

/// Where a Poller moves the bytes: what the sockets of a loop have in common.
struct OnPoller {
  using Executor = Loop;
  /// To be kept where it is while there is one.
  PolledStream stream(Socket<Executor> socket) const;
  char* room() const { return shared; }
  PollerInAsio::AsioIsAwaited awaits_asio() const { return PollerInAsio::AsioIsAwaited(*turns); }

  Loop executor;
  Poller* poller;
  PollerInAsio* turns;
  Waiting* waiting;
  char* shared;  ///< of --chunk bytes
};

/// Reads and writes answer with a tuple of error and size. Both wait for their turn, so that nobody
/// who always has something to say keeps others waiting, and what is read is there until the
/// coroutine waits again.
class PolledStream {
 public:
  using Executor = Loop;
  static constexpr bool is_tls = false;

  PolledStream(const OnPoller& place, int descriptor)
      : place_(&place), socket_(*place.poller), descriptor_(descriptor) {}
  PolledStream(PolledStream&& other) noexcept
      : place_(other.place_),
        socket_(std::move(other.socket_)),
        descriptor_(std::exchange(other.descriptor_, -1)) {}
  PolledStream& operator=(PolledStream&&) = delete;
  ~PolledStream() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  /// Before all else, where it will stay. Errors: those of epoll_ctl(2).
  boost::system::error_code settle() {
    place_->waiting->add(waiting_);
    return socket_.adopt(std::exchange(descriptor_, -1));
  }

  Executor get_executor() const { return place_->executor; }
  PollerInAsio::AsioIsAwaited awaits_asio() const { return place_->awaits_asio(); }
  std::size_t held() const { return 0; }
  auto read(std::span<char> room) { return Reading(*this, room); }
  auto write(std::span<const char> bytes) { return Writing(*this, bytes); }
  /// Without waiting: perhaps of error would_block.
  std::tuple<boost::system::error_code, std::size_t> try_write(std::span<const char> bytes) {
    const Moved moved = socket_.try_write(bytes);
    return {moved.error, moved.count};
  }

 private:
  class Operation {
   public:
    bool await_ready() const { return false; }
    std::tuple<boost::system::error_code, std::size_t> await_resume() const {
      return {moved_.error, moved_.count};
    }

   protected:
    explicit Operation(PolledStream& stream) : stream_(stream) {}
    /// The handler of what `coroutine` waits for.
    auto resumption(std::coroutine_handle<> coroutine) {
      stream_.waiting_.coroutine = coroutine;
      return [this](const boost::system::error_code& error, std::size_t count) {
        moved_ = {error, count};
        std::exchange(stream_.waiting_.coroutine, {}).resume();
      };
    }

    PolledStream& stream_;
    Moved moved_;
  };

  class Reading : public Operation {
   public:
    Reading(PolledStream& stream, std::span<char> room) : Operation(stream), room_(room) {}
    void await_suspend(std::coroutine_handle<> coroutine) {
      stream_.socket_.async_read_some(room_, resumption(coroutine));
    }

   private:
    std::span<char> room_;
  };

  class Writing : public Operation {
   public:
    Writing(PolledStream& stream, std::span<const char> bytes) : Operation(stream), bytes_(bytes) {}
    void await_suspend(std::coroutine_handle<> coroutine) {
      stream_.socket_.async_write_some(bytes_, resumption(coroutine));
    }

   private:
    std::span<const char> bytes_;
  };

  const OnPoller* place_;
  Waiting::Entry waiting_;
  PolledSocket socket_;
  int descriptor_;  // until it has settled
};

inline PolledStream OnPoller::stream(Socket<Executor> socket) const {
  socket.native_non_blocking(true);
  return {*this, socket.release()};
}

}  // namespace contend::server
