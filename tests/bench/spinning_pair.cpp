// The floor under the latency of one connection: both sides ask the kernel all the time whether
// something came, and neither ever sleeps. The client verifies nothing.
//
//   spinning_pair serve PORT            one client after the other
//   spinning_pair drive PORT SECONDS    64-byte messages, one at a time
#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <netinet/tcp.h>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t size = 64;

int tcp_socket() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  if (socket < 0) std::exit(3);
  return socket;
}

void set(int socket, int level, int option) {
  const int on = 1;
  ::setsockopt(socket, level, option, &on, sizeof on);
}

/// What came, or 0 at its end.
std::size_t wait_for(int socket, std::array<char, size>& bytes) {
  while (true) {
    const ssize_t got = ::recv(socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EAGAIN) return 0;
  }
}

[[noreturn]] void serve(const sockaddr_in& name) {
  const int listener = tcp_socket();
  set(listener, SOL_SOCKET, SO_REUSEADDR);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) std::exit(3);
  if (::listen(listener, 16) != 0) std::exit(3);
  std::array<char, size> bytes{};
  while (true) {
    const int client = ::accept(listener, nullptr, nullptr);
    if (client < 0) continue;
    set(client, IPPROTO_TCP, TCP_NODELAY);
    while (const std::size_t count = wait_for(client, bytes)) {
      if (::send(client, bytes.data(), count, MSG_NOSIGNAL) < 0) break;
    }
    ::close(client);
  }
}

void drive(const sockaddr_in& name, double seconds) {
  const int socket = tcp_socket();
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) std::exit(3);
  set(socket, IPPROTO_TCP, TCP_NODELAY);
  std::array<char, size> bytes{};
  std::vector<std::int64_t> took;
  took.reserve(static_cast<std::size_t>(500'000 * seconds));
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  for (auto start = Clock::now(); start < end;) {
    if (::send(socket, bytes.data(), size, 0) != size) std::exit(3);
    for (std::size_t got = 0; got < size;) {
      const std::size_t count = wait_for(socket, bytes);
      if (count == 0) std::exit(3);
      got += count;
    }
    const auto now = Clock::now();
    took.push_back(std::chrono::nanoseconds(now - start).count());
    start = now;
  }
  std::ranges::sort(took);
  const auto at = [&](double q) {
    return static_cast<double>(
               took.at(static_cast<std::size_t>(q * static_cast<double>(took.size())))) /
           1e3;
  };
  std::printf("p50 %.3f us, p99 %.3f us, %zu messages\n", at(0.5), at(0.99), took.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 64;
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[2])));
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const std::string_view side = argv[1];
  if (side == "serve") serve(name);
  if (side != "drive" || argc != 4) return 64;
  drive(name, std::atof(argv[3]));
}
