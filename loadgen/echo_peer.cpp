#include "loadgen/echo_peer.hpp"

#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <set>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace contend::loadgen {
namespace {

constexpr int backlog = 1024;
constexpr std::size_t read_size = 65536;
constexpr int patience_ms = 1000;

/// Waits where the client does not read; gives up one that does not for long.
bool send_all(int socket, const char* bytes, std::size_t count) {
  while (count > 0) {
    const ssize_t sent = ::send(socket, bytes, count, MSG_NOSIGNAL);
    if (sent < 0) {
      pollfd writable{socket, POLLOUT, 0};
      if (errno != EAGAIN || ::poll(&writable, 1, patience_ms) != 1) return false;
      continue;
    }
    bytes += sent;
    count -= static_cast<std::size_t>(sent);
  }
  return true;
}

/// One thread's loop and the connections that it accepted.
class Loop {
 public:
  Loop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() {
    for (const int each : connections_) ::close(each);
    ::close(epoll_);
  }

  void watch(int descriptor, std::uint32_t extra = 0) const {
    epoll_event event{.events = EPOLLIN | extra, .data = {.fd = descriptor}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
  }

  void run(int listener, int stop) {
    std::array<epoll_event, 64> events;
    while (true) {
      const int count = ::epoll_wait(epoll_, events.data(), events.size(), -1);
      for (int i = 0; i < count; ++i) {
        const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
        if (descriptor == stop) return;
        descriptor == listener ? accept(listener) : echo(descriptor);
      }
    }
  }

 private:
  void accept(int listener) {
    const int socket = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections_.insert(socket);
    watch(socket);
  }

  void echo(int socket) {
    const ssize_t count = ::recv(socket, buffer_.data(), buffer_.size(), 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count > 0 && send_all(socket, buffer_.data(), static_cast<std::size_t>(count))) return;
    connections_.erase(socket);
    ::close(socket);
  }

  int epoll_;
  std::set<int> connections_;
  std::vector<char> buffer_ = std::vector<char>(read_size);
};

}  // namespace

Expected<std::unique_ptr<EchoPeer>> EchoPeer::start(std::size_t threads) {
  std::unique_ptr<EchoPeer> peer(new EchoPeer);
  peer->listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  peer->stop_ = ::eventfd(0, EFD_CLOEXEC);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof name;
  auto* address = reinterpret_cast<sockaddr*>(&name);
  const bool listens = peer->listener_ >= 0 && peer->stop_ >= 0 &&
                       ::bind(peer->listener_, address, size) == 0 &&
                       ::listen(peer->listener_, backlog) == 0 &&
                       ::getsockname(peer->listener_, address, &size) == 0;
  if (!listens) return errno_error("starting an echo peer on 127.0.0.1", errno);
  peer->port_ = ntohs(name.sin_port);
  for (std::size_t i = 0; i < threads; ++i) {
    peer->threads_.emplace_back([serving = peer.get()] { serving->serve(); });
  }
  return peer;
}

void EchoPeer::serve() const {
  Loop loop;
  loop.watch(stop_);
  loop.watch(listener_, EPOLLEXCLUSIVE);
  loop.run(listener_, stop_);
}

EchoPeer::~EchoPeer() {
  const std::uint64_t one = 1;
  if (stop_ >= 0 && ::write(stop_, &one, sizeof one) == sizeof one) threads_.clear();
  if (listener_ >= 0) ::close(listener_);
  if (stop_ >= 0) ::close(stop_);
}

}  // namespace contend::loadgen
