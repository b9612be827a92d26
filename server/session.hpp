// One connection as every model sees it: where to read to, what to answer, when it is over. It
// moves no bytes itself; blocking_echo.cpp and async_echo.hpp do.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include <boost/system/error_code.hpp>

#include "server/buffers.hpp"
#include "server/ledger.hpp"
#include "server/service.hpp"

namespace contend::server {

/// An answer on its way: first wait `pause`, then write `rest` until nothing is left.
struct Write {
  std::span<const char> rest{};
  Nanoseconds pause{0};
  std::span<const char> again{};  ///< written after `rest`, by a fault
};

/// Threads: one at a time. Bounded: it holds one buffer of --chunk bytes at most, and reads nothing
/// new before the answer has been written, so a client that never reads stops being read.
class Session {
 public:
  /// `shared`: of --chunk bytes, where it reads to, and what others of its thread use as soon as
  /// that does anything else; without it, into a buffer of its own. Throws std::bad_alloc.
  Session(Service& service, Ledger::Entry entry, char* shared = nullptr);
  Session(Session&& other) noexcept = default;
  Session& operator=(Session&&) = delete;
  ~Session() { close(); }

  /// False when the connection is over. `held`: what has been taken off the socket and not been
  /// read from the stream yet.
  bool open(std::size_t held = 0);

  /// Where the next read may put its bytes; never empty while open().
  std::span<char> room();

  /// A read ended: `size` bytes, or an error, of which end of file is one.
  Write received(std::size_t size, const boost::system::error_code& error);

  /// Before the thread does anything else: what is left to write is its own from now on, until the
  /// next room(). Throws std::bad_alloc.
  void keep(Write& write);

  /// A write of the front of `write.rest` ended; takes what went out off it. After an error nothing
  /// is left of it.
  void sent(Write& write, std::size_t size, const boost::system::error_code& error);

  /// Whether a fault wants the connection to end in a reset.
  bool resets() const { return reset_; }

  /// When it is over: whether the client is still to get something that was written, which a close
  /// would take back if more comes from it than was read. To be asked again after linger_pause; not
  /// longer than --drain.
  bool lingers();
  static constexpr std::chrono::milliseconds linger_pause{2};

  /// Settles the account; must come before the descriptor is closed, and does so by destruction.
  void close();

 private:
  struct Settled {  // a pointer that is empty after a move
    void operator()(Service*) const {}
  };

  char* bytes() const { return shared_ != nullptr ? shared_ : buffer_.get(); }
  void end(End reason);
  Write answer(std::span<char> bytes);
  Write faulty(Faults& faults, Answer answer);
  std::size_t until_blank_line(std::span<const char> bytes);

  std::unique_ptr<Service, Settled> service_;
  Ledger::Entry entry_;
  char* shared_;            // null: it has a buffer of its own
  Buffers::Buffer buffer_;  // or for what could not be written at once
  std::optional<End> end_;
  std::optional<std::size_t> left_to_read_;  // when draining: what had arrived by then
  std::uint64_t owed_ = 0;                   // read or added, and not (yet) written
  std::uint64_t added_ = 0;                  // by faults
  std::optional<FaultyConnection> faulty_;
  std::uint32_t lingered_ = 0;  // times
  bool kept_ = false;           // what is to be written is in the buffer, not in what is shared
  bool stalled_ = false;
  bool reset_ = false;
  bool line_is_blank_ = true;  // so far
};

}  // namespace contend::server
