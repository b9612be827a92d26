#include "server/listener.hpp"

#include <array>
#include <cerrno>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

namespace contend::server {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Expected<AddressList> resolve(const std::string& host, std::uint16_t port, bool udp) {
  addrinfo wanted{};
  wanted.ai_socktype = udp ? SOCK_DGRAM : SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  if (failed != 0) {
    return world_error(fmt::format("--host {}: {}", host, ::gai_strerror(failed)));
  }
  return AddressList(found, &::freeaddrinfo);
}

int close_and_fail(int descriptor) {
  const int error = errno;
  ::close(descriptor);
  errno = error;
  return -1;
}

/// Nullopt where there is no Unix socket at this path; a link to one is none.
std::optional<SocketFile> socket_file(const char* path) {
  struct stat file {};
  if (::lstat(path, &file) != 0 || !S_ISSOCK(file.st_mode)) return std::nullopt;
  return SocketFile{file.st_dev, file.st_ino};
}

/// A Unix socket outlives a server that was killed: nobody answers there any more. One whose queue
/// is full is in use.
bool is_left_over(const sockaddr_un& address) {
  if (!socket_file(address.sun_path)) return false;
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const bool refused =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno == ECONNREFUSED;
  ::close(probe);
  return refused;
}

/// The kernel says to which of our addresses a datagram came, where there may be several.
void ask_for_destinations(int descriptor, int family) {
  const int on = 1;
  if (family == AF_INET) ::setsockopt(descriptor, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
  if (family == AF_INET6) ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
}

/// -1 and errno on failure.
int listen_on(const sockaddr* address, socklen_t length, bool udp, bool join) {
  const int type = udp ? SOCK_DGRAM : SOCK_STREAM;
  const int descriptor = ::socket(address->sa_family, type | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  const int on = 1;
  // Of UDP it would share the port with whoever has it.
  if (!udp) ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (join) ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (udp) ask_for_destinations(descriptor, address->sa_family);  // of the first that comes, too
  if (::bind(descriptor, address, length) != 0) return close_and_fail(descriptor);
  if (!udp && ::listen(descriptor, SOMAXCONN) != 0) return close_and_fail(descriptor);
  return descriptor;
}

}  // namespace

Expected<Listener> Listener::open(const Options& options) {
  if (options.unix_path) return open_unix(*options.unix_path);
  const Expected<AddressList> found = resolve(options.host, options.port, options.udp);
  if (!found) return found.error();
  const addrinfo& first = **found;
  const int descriptor = listen_on(first.ai_addr, first.ai_addrlen, options.udp, false);
  if (descriptor < 0) {
    return errno_error(fmt::format("listening on {}:{}", options.host, options.port), errno);
  }
  Listener listener(descriptor, {}, sizeof(sockaddr_storage));
  listener.takes_datagrams_ = options.udp;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&listener.address_), &listener.length_);
  return listener;
}

Expected<Listener> Listener::open_unix(const std::string& path) {
  sockaddr_storage storage{};
  auto& address = reinterpret_cast<sockaddr_un&>(storage);
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return usage_error(
        fmt::format("--unix: \"{}\" must have 1 to {} bytes", path, sizeof address.sun_path - 1));
  }
  path.copy(address.sun_path, path.size());
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (is_left_over(address)) ::unlink(path.c_str());
  const int descriptor = listen_on(generic, sizeof address, false, false);
  if (descriptor < 0) return errno_error("listening on unix:" + path, errno);
  Listener listener(descriptor, storage, sizeof address);
  listener.path_to_remove_ = path;
  listener.file_ = socket_file(path.c_str());
  return listener;
}

Expected<Listener> Listener::sibling() const {
  if (family() == AF_UNIX) return Listener(::dup(descriptor_), address_, length_);
  // Only now: bound with this option already set, the first one would have shared the port with a
  // server that somebody else runs there, instead of finding it in use.
  const int on = 1;
  ::setsockopt(descriptor_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  const int descriptor =
      listen_on(reinterpret_cast<const sockaddr*>(&address_), length_, takes_datagrams_, true);
  if (descriptor < 0) return errno_error("listening on " + name(), errno);
  Listener another(descriptor, address_, length_);
  another.takes_datagrams_ = takes_datagrams_;
  return another;
}

Listener::Listener(Listener&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      address_(other.address_),
      length_(other.length_),
      takes_datagrams_(other.takes_datagrams_),
      path_to_remove_(std::exchange(other.path_to_remove_, {})),
      file_(other.file_) {}

Listener& Listener::operator=(Listener&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(address_, other.address_);
  std::swap(length_, other.length_);
  std::swap(takes_datagrams_, other.takes_datagrams_);
  std::swap(path_to_remove_, other.path_to_remove_);
  std::swap(file_, other.file_);
  return *this;
}

Listener::~Listener() {
  // Once it was told to stop, another server may have taken its place there.
  const bool ours = !path_to_remove_.empty() && socket_file(path_to_remove_.c_str()) == file_;
  if (ours && file_) ::unlink(path_to_remove_.c_str());
  if (descriptor_ >= 0) ::close(descriptor_);
}

int Listener::protocol() const {
  return family() == AF_UNIX ? 0 : IPPROTO_TCP;
}

std::string Listener::name() const {
  if (family() == AF_UNIX) {
    return fmt::format("unix:{}", reinterpret_cast<const sockaddr_un&>(address_).sun_path);
  }
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  ::getnameinfo(reinterpret_cast<const sockaddr*>(&address_), length_, host.data(), host.size(),
                port.data(), port.size(), NI_NUMERICHOST | NI_NUMERICSERV);
  const char* shape = family() == AF_INET6 ? "[{}]:{}" : "{}:{}";
  return fmt::format(fmt::runtime(shape), host.data(), port.data());
}

std::uint16_t Listener::port() const {
  if (family() == AF_UNIX) return 0;
  // The port lies at the same place in both families.
  return ntohs(reinterpret_cast<const sockaddr_in&>(address_).sin_port);
}

void Listener::stop() const {
  if (takes_datagrams_) return;  // answers leave by it, and the ledger has told it
  ::shutdown(descriptor_, SHUT_RDWR);
}

}  // namespace contend::server
