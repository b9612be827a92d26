#include "loadgen/stream_socket.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loadgen/source_range.hpp"

namespace contend::loadgen {
namespace {

boost::system::error_code last_error() {
  return {errno, boost::system::system_category()};
}

}  // namespace

Connecting start_to_connect(const Address& address, const std::optional<Address>& source) {
  const int socket =
      ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return {.error = last_error()};
  const int on = 1;  // no such option on a Unix socket
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  auto error = set_source(socket, source);
  const auto* to = reinterpret_cast<const sockaddr*>(&address.storage);
  if (!error && ::connect(socket, to, address.size) != 0 && errno != EINPROGRESS) {
    error = last_error();
  }
  if (!error) return {.error = {}, .socket = socket};
  ::close(socket);
  return {.error = error};
}

}  // namespace contend::loadgen
