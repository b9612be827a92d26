#include "tests/support/chaos_proxy.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/check.hpp"

namespace contend::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int connect_to(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return descriptor;
}

bool write_all(int descriptor, const std::string& bytes) {
  for (std::size_t written = 0; written < bytes.size();) {
    const ssize_t now =
        ::send(descriptor, bytes.data() + written, bytes.size() - written, MSG_NOSIGNAL);
    if (now <= 0) return false;
    written += static_cast<std::size_t>(now);
  }
  return true;
}

/// How much may still pass before `limit`, given what has.
std::size_t room_before(const std::optional<std::size_t>& limit, std::size_t passed) {
  return limit ? *limit - std::min(*limit, passed) : SIZE_MAX;
}

/// How many bytes to read next; 0: nothing any more.
std::size_t next_piece(const Chaos& chaos, std::size_t passed, std::mt19937_64& dice) {
  const std::size_t most = std::min({chaos.slice, room_before(chaos.stall_after, passed),
                                     room_before(chaos.half_close_after, passed),
                                     room_before(chaos.reset_after, passed)});
  if (most == 0 || !chaos.slice_by_dice) return most;
  return std::uniform_int_distribution<std::size_t>(1, most)(dice);
}

}  // namespace

ChaosProxy::Pair::~Pair() {
  ::close(client);
  ::close(server);
}

void ChaosProxy::Pair::reset() const {
  const linger now{1, 0};
  for (const int descriptor : {client, server}) {
    ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::shutdown(descriptor, SHUT_RD);  // says nothing to the other side, and wakes our own
  }
}

ChaosProxy::ChaosProxy(std::uint16_t server_port, Chaos to_server, Chaos to_client,
                       std::uint64_t seed)
    : server_port_(server_port), to_server_(to_server), to_client_(to_client), seed_(seed) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  CONTEND_CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) == 0);
  CONTEND_CHECK(::listen(listener_, SOMAXCONN) == 0);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

ChaosProxy::~ChaosProxy() {
  closing_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const std::weak_ptr<Pair>& alive : pairs_) {
      const auto pair = alive.lock();
      if (!pair) continue;
      ::shutdown(pair->client, SHUT_RDWR);
      ::shutdown(pair->server, SHUT_RDWR);
    }
  }
  for (std::thread& thread : threads_) thread.join();
  ::close(listener_);
}

void ChaosProxy::accept_all() {
  for (std::uint64_t count = 0;; ++count) {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const int server = connect_to(server_port_);
    const std::lock_guard lock(mutex_);
    const auto pair = std::make_shared<Pair>(client, server);
    pairs_.push_back(pair);
    const std::uint64_t seed = seed_ + 2 * count;
    threads_.emplace_back([=, this] { carry(pair, client, server, to_server_, seed); });
    threads_.emplace_back([=, this] { carry(pair, server, client, to_client_, seed + 1); });
  }
}

void ChaosProxy::carry(const std::shared_ptr<Pair>& pair, int from, int to, const Chaos& chaos,
                       std::uint64_t seed) {
  std::mt19937_64 dice(seed);
  std::size_t passed = 0;
  while (true) {
    const std::size_t size = next_piece(chaos, passed, dice);
    if (size == 0) break;
    std::string bytes(size, '\0');
    const ssize_t got = ::recv(from, bytes.data(), size, 0);
    if (got <= 0) break;
    bytes.resize(static_cast<std::size_t>(got));
    passed += bytes.size();
    distort(bytes, chaos, dice);
    std::this_thread::sleep_for(chaos.delay);
    if (!write_all(to, bytes)) break;
  }
  if (room_before(chaos.stall_after, passed) == 0) {
    while (!closing_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  } else if (room_before(chaos.reset_after, passed) == 0) {
    pair->reset();
  } else {
    ::shutdown(to, SHUT_WR);
  }
}

void ChaosProxy::distort(std::string& bytes, const Chaos& chaos, std::mt19937_64& dice) {
  if (chaos.drop > 0) {
    std::bernoulli_distribution drops(chaos.drop);
    dropped_ += std::erase_if(bytes, [&](char) { return drops(dice); });
  }
  if (chaos.corrupt == 0) return;
  std::bernoulli_distribution corrupts(chaos.corrupt);
  for (char& byte : bytes) {
    if (!corrupts(dice)) continue;
    byte = static_cast<char>(byte ^ 1);
    ++corrupted_;
  }
}

}  // namespace contend::test
