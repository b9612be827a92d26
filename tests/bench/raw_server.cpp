// The floor under every server: one thread, one epoll, a read and a write for what came.
// raw_server PORT
#include <arpa/inet.h>
#include <cstdint>
#include <cstdlib>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) return 3;
  if (::listen(listener, 4096) != 0) return 3;
  const int poll = ::epoll_create1(0);
  epoll_event event{EPOLLIN, {.fd = listener}};
  ::epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  std::vector<epoll_event> ready(1024);
  std::vector<char> buffer(65536);
  while (true) {
    const int count = ::epoll_wait(poll, ready.data(), 1024, -1);
    for (int i = 0; i < count; ++i) {
      const int socket = ready[static_cast<std::size_t>(i)].data.fd;
      if (socket == listener) {
        const int client = ::accept4(listener, nullptr, nullptr, 0);
        if (client < 0) continue;
        ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        epoll_event of_client{EPOLLIN, {.fd = client}};
        ::epoll_ctl(poll, EPOLL_CTL_ADD, client, &of_client);
        continue;
      }
      const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
      const bool alive = got > 0 && ::send(socket, buffer.data(), static_cast<std::size_t>(got),
                                           MSG_NOSIGNAL) == got;
      if (!alive) ::close(socket);
    }
  }
}
