// A socket that connects and moves bytes when its Poller says that it can.
#pragma once

#include <cstddef>
#include <new>
#include <span>
#include <type_traits>

#include <boost/system/error_code.hpp>

#include "core/poller.hpp"

namespace contend {

/// What a system call moved. At the end of the stream `error` is boost::asio::error::eof, and where
/// nothing can be moved now it is boost::asio::error::would_block.
struct Moved {
  boost::system::error_code error{};
  std::size_t count = 0;
};

/// Threads: one. Never calls a handler before the call that took it has returned. Destroying it, or
/// close(), forgets the handlers; either may happen in one.
class PolledSocket final : private Polled {
 public:
  using Error = boost::system::error_code;

  /// Any callable of up to two words that can be copied like bytes.
  class Handler {
   public:
    Handler() = default;
    template <class Call>
    requires(!std::is_same_v<Call, Handler>) Handler(Call call)
        : invoke_([](void* room, const Moved& moved) {
            (*static_cast<Call*>(room))(moved.error, moved.count);
          }) {
      static_assert(sizeof(Call) <= sizeof room_ && alignof(Call) <= alignof(void*));
      static_assert(std::is_trivially_copyable_v<Call>);
      ::new (static_cast<void*>(room_)) Call(call);
    }
    explicit operator bool() const { return invoke_ != nullptr; }
    void operator()(const Moved& moved) { invoke_(room_, moved); }

   private:
    void (*invoke_)(void* room, const Moved& moved) = nullptr;
    alignas(void*) std::byte room_[2 * sizeof(void*)];
  };

  explicit PolledSocket(Poller& poller) : poller_(&poller) {}
  /// Only while it is closed.
  PolledSocket(PolledSocket&& other) noexcept : poller_(other.poller_) {}
  PolledSocket& operator=(PolledSocket&&) = delete;
  ~PolledSocket() { close(); }

  /// Takes a connected, non-blocking socket, also where it cannot be watched. Errors: those of
  /// epoll_ctl(2).
  Error adopt(int socket);
  /// Takes a non-blocking socket that is connecting, and calls the handler when that has ended.
  /// Errors: as above; the handler's are those of connect(2), and broken_pipe where it is connected
  /// and the other end is closed already.
  Error adopt(int socket, Handler connected);

  /// Once something is there, or the end of it, moves that and calls the handler.
  void async_read_some(std::span<char> room, Handler handler);
  /// Writes what the kernel takes now.
  Moved try_write(std::span<const char> bytes);
  /// Once the kernel takes something, writes that and calls the handler. Without bytes it is a wait
  /// for that moment.
  void async_write_some(std::span<const char> bytes, Handler handler);

  int descriptor() const { return socket_; }
  void close();

 private:
  void on_ready(std::uint32_t events) override;
  void read();
  void write();

  Poller* poller_;
  int socket_ = -1;
  bool readable_ = false;  // perhaps: since then nothing was read, or as much as there was room for
  bool ending_ = false;    // the end of the stream was seen, which nobody will be told of again
  Handler reader_;
  Handler writer_;
  std::span<char> room_;
  std::span<const char> bytes_;
};

}  // namespace contend
