// The floor under loadgen: the fewest system calls that can drive an echo server from one thread.
// It verifies nothing and times nothing. raw_client PORT CONNECTIONS SIZE DEPTH SECONDS
// [SERVER-PID] With a process to watch it lets a third of a second pass first, so that what is
// measured, there too, is messages and not the connecting.
#include <arpa/inet.h>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <span>
#include <sys/epoll.h>
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

double seconds_of(clockid_t clock) {
  timespec time{};
  if (::clock_gettime(clock, &time) != 0) std::exit(3);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// Echoes for so many seconds; how many bytes came back.
std::size_t run(int poll, std::span<const char> out, std::span<char> in, double seconds) {
  const double end = seconds_of(CLOCK_MONOTONIC) + seconds;
  std::size_t bytes = 0;
  std::vector<epoll_event> ready(1024);
  while (seconds_of(CLOCK_MONOTONIC) < end) {
    const int count = ::epoll_wait(poll, ready.data(), 1024, 100);
    for (int i = 0; i < count; ++i) {
      const int socket = ready[static_cast<std::size_t>(i)].data.fd;
      const ssize_t got = ::recv(socket, in.data(), in.size(), 0);
      if (got <= 0) std::exit(3);
      bytes += static_cast<std::size_t>(got);
      // What came in is answered by as much again, as loadgen keeps its depth.
      if (::send(socket, out.data(), static_cast<std::size_t>(got), 0) != got) std::exit(3);
    }
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6 && argc != 7) return 64;
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
  clockid_t of_server = CLOCK_PROCESS_CPUTIME_ID;
  if (argc == 7) {
    if (::clock_getcpuclockid(std::atoi(argv[6]), &of_server) != 0) return 3;
    run(poll, out, in, 0.3);
  }
  const double start = seconds_of(CLOCK_MONOTONIC);
  const double cpu_before = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  const double server_before = seconds_of(of_server);
  const std::size_t bytes = run(poll, out, in, std::atof(argv[5]));
  const double messages = static_cast<double>(bytes) / static_cast<double>(size);
  std::printf("%.0f messages/s, %.3f us of CPU a message",
              messages / (seconds_of(CLOCK_MONOTONIC) - start),
              1e6 * (seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_before) / messages);
  if (argc == 7) {
    std::printf(", %.3f us of the server's",
                1e6 * (seconds_of(of_server) - server_before) / messages);
  }
  std::printf("\n");
}
