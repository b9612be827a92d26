#include "server/datagram_echo.hpp"

#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <utility>
#include <vector>

#include <boost/asio/error.hpp>

#include "server/async_echo.hpp"

namespace contend::server {
namespace {

/// Read at a time, before others have their turn.
constexpr int turn = 64;
/// When draining: more than a socket's buffer holds of all but the smallest.
constexpr int last_turn = 4096;

/// The answer to one datagram, to whom, and from which of our addresses: the one that was asked,
/// or a client that knows no other does not hear it.
struct Reply {
  sockaddr_storage to{};
  socklen_t to_length = sizeof(sockaddr_storage);
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))> from{};
  std::size_t from_length = sizeof from;
  Write write{};

  msghdr over(iovec& bytes) {
    msghdr message{};
    message.msg_name = &to;
    message.msg_namelen = to_length;
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_control = from_length > 0 ? from.data() : nullptr;
    message.msg_controllen = from_length;
    return message;
  }
};

/// The answer may leave by another interface than the question came by.
void forget_interface(msghdr& message) {
  cmsghdr* said = CMSG_FIRSTHDR(&message);
  if (said == nullptr) return;
  if (said->cmsg_level == IPPROTO_IP) {
    reinterpret_cast<in_pktinfo*>(CMSG_DATA(said))->ipi_ifindex = 0;
    return;
  }
  auto& info = *reinterpret_cast<in6_pktinfo*>(CMSG_DATA(said));
  if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
}

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
    iovec piece{room.data(), room.size()};
    msghdr message = reply.over(piece);
    const ssize_t size = ::recvmsg(descriptor_, &message, MSG_DONTWAIT);
    reply.to_length = message.msg_namelen;
    reply.from_length = message.msg_controllen;
    // Once shut down, a socket without an address says 0 and no sender for ever.
    if (size < 0 || reply.to_length == 0) return std::nullopt;
    forget_interface(message);
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
  bool send_to(Reply& reply, std::span<const char> bytes) const {
    iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
    msghdr message = reply.over(piece);
    if (::sendmsg(descriptor_, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return true;
    if (errno == EAGAIN || std::exchange(reply.from_length, 0) == 0) return false;
    message = reply.over(piece);  // asked at an address of a group, or at one that is gone
    return ::sendmsg(descriptor_, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
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
