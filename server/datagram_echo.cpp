#include "server/datagram_echo.hpp"

#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <vector>

#include <boost/asio/error.hpp>

#include "server/async_echo.hpp"

namespace contend::server {
namespace {

/// Read at a time, before others have their turn.
constexpr int turn = 64;
/// When draining: more than a socket's buffer holds of all but the smallest.
constexpr int last_turn = 4096;

/// The answer to one datagram, and to whom.
struct Reply {
  sockaddr_storage to{};
  socklen_t to_length = sizeof(sockaddr_storage);
  Write write{};
};

class Datagrams {
 public:
  Datagrams(Service& service, int descriptor)
      : service_(service), descriptor_(descriptor), session_(service.admit(descriptor)) {}

  /// Not where the server was told to end before its threads had begun.
  bool admitted() const { return session_.has_value(); }

  bool draining() const { return service_.ledger().draining(); }

  /// Nothing: none is there. The reply is over the session's buffer, that is, until the next one.
  std::optional<Reply> receive() {
    Reply reply;
    const std::span<char> room = session_->room();
    const ssize_t size = ::recvfrom(descriptor_, room.data(), room.size(), MSG_DONTWAIT,
                                    reinterpret_cast<sockaddr*>(&reply.to), &reply.to_length);
    // Once shut down, a socket without an address says 0 and no sender for ever.
    if (size < 0 || reply.to_length == 0) return std::nullopt;
    reply.write = session_->received(static_cast<std::size_t>(size), {});
    if (size == 0) send_to(reply, {});  // An empty datagram is one too.
    return reply;
  }

  /// Does not wait: a full socket loses datagrams, as UDP does everywhere.
  void send(Reply& reply) {
    while (!reply.write.rest.empty()) {
      if (!send_to(reply, reply.write.rest)) return;
      session_->sent(reply.write, reply.write.rest.size(), {});
    }
  }

  void close() {
    session_->received(0, asio::error::eof);
    session_->close();
  }

 private:
  bool send_to(const Reply& reply, std::span<const char> bytes) const {
    return ::sendto(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                    reinterpret_cast<const sockaddr*>(&reply.to), reply.to_length) >= 0;
  }

  Service& service_;
  int descriptor_;
  std::optional<Session> session_;
};

/// Replies that wait for their time, and the loop that waits for them.
struct Waiting {
  explicit Waiting(const Loop& loop) : fewer(loop, Clock::time_point::max()) {}

  std::size_t count = 0;
  Timer<Loop> fewer;
};

Detached send_later(Datagrams& datagrams, Waiting& waiting, Reply reply) {
  const std::vector<char> bytes(reply.write.rest.begin(), reply.write.rest.end());
  reply.write.rest = bytes;
  if (!reply.write.again.empty()) reply.write.again = bytes;
  Timer<Loop> pause(waiting.fewer.get_executor(), reply.write.pause);
  co_await pause.async_wait(asio::deferred);
  datagrams.send(reply);
  --waiting.count;
  waiting.fewer.cancel();
}

}  // namespace

void echo_datagrams(Service& service, const Listener& listener) {
  Datagrams datagrams(service, listener.descriptor());
  if (!datagrams.admitted()) return;
  pollfd readable{listener.descriptor(), POLLIN, 0};
  for (bool last = false; !last;) {
    ::poll(&readable, 1, -1);
    last = datagrams.draining();
    for (int i = 0; i < (last ? last_turn : turn); ++i) {
      std::optional<Reply> reply = datagrams.receive();
      if (!reply) break;
      if (reply->write.pause > Nanoseconds::zero()) service.sleep(reply->write.pause);
      datagrams.send(*reply);
    }
  }
  datagrams.close();
}

Detached echo_datagrams_in(DatagramSocket socket, Service& service) {
  Datagrams datagrams(service, socket.native_handle());
  if (!datagrams.admitted()) co_return;
  Waiting waiting(socket.get_executor());
  for (bool last = false; !last;) {
    co_await socket.async_wait(socket.wait_read, asio::deferred);
    last = datagrams.draining();
    for (int i = 0; i < (last ? last_turn : turn); ++i) {
      std::optional<Reply> reply = datagrams.receive();
      if (!reply) break;
      if (reply->write.pause == Nanoseconds::zero()) {
        datagrams.send(*reply);
        continue;
      }
      while (waiting.count >= most_delayed) co_await waiting.fewer.async_wait(asio::deferred);
      ++waiting.count;
      send_later(datagrams, waiting, *reply).start_on(socket.get_executor());
    }
  }
  while (waiting.count > 0) co_await waiting.fewer.async_wait(asio::deferred);
  datagrams.close();
}

}  // namespace contend::server
