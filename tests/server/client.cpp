#include "client.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include <gtest/gtest.h>

namespace contend::test {
namespace {

void guard_against_hanging(int descriptor) {
  const timeval most{60, 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
}

/// io_uring interrupts the calls of a thread in which it has ended an operation.
template <class Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

int connected(int family, const sockaddr* address, socklen_t length) {
  const int descriptor = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  guard_against_hanging(descriptor);
  EXPECT_EQ(uninterrupted([&] { return ::connect(descriptor, address, length); }), 0)
      << std::strerror(errno);
  return descriptor;
}

}  // namespace

std::string noise(std::size_t size, std::uint64_t seed) {
  std::string bytes(size, '\0');
  std::uint64_t state = seed;
  for (char& byte : bytes) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    byte = static_cast<char>(state >> 56);
  }
  return bytes;
}

Client::Client(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  descriptor_ = connected(AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

Client Client::of_ipv6(std::uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  address.sin6_addr = in6addr_loopback;
  Client client;
  client.descriptor_ =
      connected(AF_INET6, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return client;
}

Client::Client(const std::string& unix_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  unix_path.copy(address.sun_path, sizeof address.sun_path - 1);
  descriptor_ = connected(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

Client::Client(Client&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Client& Client::operator=(Client&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

void Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = uninterrupted(
        [&] { return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL); });
    ASSERT_GT(sent, 0) << std::strerror(errno);
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::size_t Client::stuff() {
  const timeval patience{0, 500'000};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const std::string bytes = noise(1 << 16, 1);
  std::size_t stuffed = 0;
  ssize_t sent = 0;
  while ((sent = uninterrupted(
              [&] { return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL); })) > 0) {
    stuffed += static_cast<std::size_t>(sent);
  }
  return stuffed;
}

void Client::stuff(std::span<const Client> clients) {
  const std::string bytes = noise(1 << 16, 1);
  for (bool some_went = true; std::exchange(some_went, false);) {
    for (const Client& client : clients) {
      constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
      while (::send(client.descriptor_, bytes.data(), bytes.size(), flags) > 0) some_went = true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

void Client::finish() {
  ::shutdown(descriptor_, SHUT_WR);
}

std::string Client::receive_some(std::size_t size) {
  std::string bytes(size, '\0');
  const ssize_t received =
      uninterrupted([&] { return ::recv(descriptor_, bytes.data(), size, 0); });
  EXPECT_FALSE(received < 0 && errno == EAGAIN) << "the server hung";
  bytes.resize(received > 0 ? static_cast<std::size_t>(received) : 0);
  return bytes;
}

std::string Client::receive(std::size_t size) {
  std::string bytes;
  while (bytes.size() < size) {
    const std::string more = receive_some(size - bytes.size());
    if (more.empty()) break;
    bytes += more;
  }
  return bytes;
}

std::string Client::receive_all() {
  std::string bytes;
  for (std::string more = receive_some(65536); !more.empty(); more = receive_some(65536)) {
    bytes += more;
  }
  return bytes;
}

std::string Client::exchange(std::string_view bytes) {
  std::thread sender([&] { send(bytes); });
  std::string answer = receive(bytes.size());
  sender.join();
  return answer;
}

void Client::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void Client::reset() {
  const linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

}  // namespace contend::test
