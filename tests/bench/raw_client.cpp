// The floor under loadgen: the fewest system calls that can drive an echo server from one thread.
// It verifies nothing and times nothing. raw_client PORT CONNECTIONS SIZE DEPTH SECONDS
#include <arpa/inet.h>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

int connect_to(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(port));
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) std::exit(3);
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(socket, F_SETFL, O_NONBLOCK);
  return socket;
}

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 64;
  const int connections = std::atoi(argv[2]);
  const auto size = static_cast<std::size_t>(std::atol(argv[3]));
  const std::size_t window = size * static_cast<std::size_t>(std::atol(argv[4]));
  std::vector<char> out(window, 'x'), in(window);
  const int poll = ::epoll_create1(0);
  for (int i = 0; i < connections; ++i) {
    const int socket = connect_to(std::atoi(argv[1]));
    epoll_event event{EPOLLIN, {.fd = socket}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event);
    if (::send(socket, out.data(), window, 0) < 0) return 3;
  }
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto end = start + std::chrono::duration<double>(std::atof(argv[5]));
  std::size_t bytes = 0;
  std::vector<epoll_event> ready(1024);
  while (Clock::now() < end) {
    const int count = ::epoll_wait(poll, ready.data(), 1024, 100);
    for (int i = 0; i < count; ++i) {
      const int socket = ready[static_cast<std::size_t>(i)].data.fd;
      const ssize_t got = ::recv(socket, in.data(), window, 0);
      if (got <= 0) return 3;
      bytes += static_cast<std::size_t>(got);
      // What came in is answered by as much again, as loadgen keeps its depth.
      if (::send(socket, out.data(), static_cast<std::size_t>(got), 0) != got) return 3;
    }
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const double messages = static_cast<double>(bytes) / static_cast<double>(size);
  std::printf("%.0f messages/s, %.3f us of CPU a message\n", messages / seconds,
              1e6 * cpu_seconds() / messages);
}
