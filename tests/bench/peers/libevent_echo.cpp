// libevent's buffered events: what was read moves from one buffer to the other. libevent_echo PORT
#include <arpa/inet.h>
#include <cstdint>
#include <cstdlib>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/tcp.h>

namespace {

void echo(bufferevent* client, void*) {
  evbuffer_add_buffer(bufferevent_get_output(client), bufferevent_get_input(client));
}

void part(bufferevent* client, short, void*) {
  bufferevent_free(client);
}

void welcome(evconnlistener* listener, evutil_socket_t socket, sockaddr*, int, void*) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  bufferevent* client =
      bufferevent_socket_new(evconnlistener_get_base(listener), socket, BEV_OPT_CLOSE_ON_FREE);
  bufferevent_setcb(client, echo, nullptr, part, nullptr);
  bufferevent_enable(client, EV_READ | EV_WRITE);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  event_base* base = event_base_new();
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const evconnlistener* listener =
      evconnlistener_new_bind(base, welcome, nullptr, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE,
                              4096, reinterpret_cast<sockaddr*>(&name), sizeof name);
  if (listener == nullptr) return 3;
  return event_base_dispatch(base);
}
