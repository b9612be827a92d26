#include "tests/support/scripted_server.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace contend::support {

std::string Peer::read(std::size_t most) const {
  thread_local std::vector<char>
      room;  // kept: a fresh page for every read stops a busy machine for seconds
  room.resize(std::max(room.size(), most));
  ssize_t got = -1;
  do {
    got = ::recv(socket_, room.data(), most, 0);
  } while (got < 0 && errno == EINTR);
  return {room.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

std::string Peer::read_exactly(std::size_t count) const {
  std::string bytes;
  while (bytes.size() < count) {
    const std::string more = read(count - bytes.size());
    if (more.empty()) break;
    bytes += more;
  }
  return bytes;
}

void Peer::write(const std::string& bytes) const {
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t sent = ::send(socket_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return;
    at += static_cast<std::size_t>(sent);
  }
}

void Peer::reset() const {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

ScriptedServer::ScriptedServer(Script script, Serves serves)
    : script_(std::move(script)), serves_(serves) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof name;
  auto* address = reinterpret_cast<sockaddr*>(&name);
  if (::bind(listener_, address, size) != 0 || ::listen(listener_, 1024) != 0 ||
      ::getsockname(listener_, address, &size) != 0) {
    throw std::runtime_error("no loopback port");
  }
  port_ = ntohs(name.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  {
    const std::lock_guard lock(mutex_);
    for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
  }
  acceptor_.join();
  {
    std::unique_lock lock(mutex_);
    all_served_.wait(lock, [this] { return sockets_.empty(); });
  }
  ::close(listener_);
}

void ScriptedServer::accept_all() {
  while (!stopping_) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const int number = accepted_++;
    {
      const std::lock_guard lock(mutex_);
      sockets_.push_back(socket);
      if (stopping_) ::shutdown(socket, SHUT_RDWR);
    }
    if (serves_ == Serves::one_at_a_time) {
      serve(socket, number);
    } else {
      std::thread([this, socket, number] { serve(socket, number); }).detach();  // sockets_ knows it
    }
  }
}

void ScriptedServer::serve(int socket, int number) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Peer peer(socket, number);
  script_(peer);
  const std::lock_guard lock(mutex_);
  std::erase(sockets_, socket);
  ::close(socket);
  all_served_.notify_all();  // under the lock: who waits may end us
}

void echo(Peer& peer) {
  for (std::string bytes = peer.read(); !bytes.empty(); bytes = peer.read()) peer.write(bytes);
}

}  // namespace contend::support
