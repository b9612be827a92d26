#include "loadgen/address.hpp"

#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <fmt/format.h>

namespace contend::loadgen {
namespace {

Expected<std::uint16_t> parse_port(std::string_view text, std::string_view whole) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data(), end, port);
  if (failed != std::errc{} || rest != end || port == 0) {
    return usage_error(fmt::format("TARGET: \"{}\" has no port between 1 and 65535", whole));
  }
  return port;
}

Address unix_address(const std::string& path) {
  Address address;
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  std::memcpy(&address.storage, &name, sizeof name);
  address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

Expected<std::vector<Address>> look_up(const Target& target) {
  addrinfo hints{};
  hints.ai_socktype = target.kind == Target::Kind::udp ? SOCK_DGRAM : SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed =
      ::getaddrinfo(target.host.c_str(), std::to_string(target.port).c_str(), &hints, &found);
  if (failed != 0) {
    return world_error(fmt::format("looking up {}: {}", target.host, ::gai_strerror(failed)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  std::vector<Address> addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    Address address;
    std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
    address.size = each->ai_addrlen;
    addresses.push_back(address);
  }
  return addresses;
}

Target::Kind kind_of(std::string_view text) {
  if (text.starts_with("tls://")) return Target::Kind::tls;
  return text.starts_with("udp://") ? Target::Kind::udp : Target::Kind::tcp;
}

bool is_local_v4(std::uint32_t ip) {
  const auto within = [ip](std::uint32_t net, int bits) { return ip >> (32 - bits) == net; };
  return ip == 0 || within(127, 8) || within(10, 8) || within(0xac1, 12) || within(0xc0a8, 16) ||
         within(0xa9fe, 16);
}

bool is_local_v6(const in6_addr& ip) {
  if (IN6_IS_ADDR_V4MAPPED(&ip)) {
    std::uint32_t mapped = 0;
    std::memcpy(&mapped, ip.s6_addr + 12, sizeof mapped);
    return is_local_v4(ntohl(mapped));
  }
  const bool unique_local = (ip.s6_addr[0] & 0xfe) == 0xfc;
  return IN6_IS_ADDR_LOOPBACK(&ip) || IN6_IS_ADDR_UNSPECIFIED(&ip) || IN6_IS_ADDR_LINKLOCAL(&ip) ||
         unique_local;
}

}  // namespace

Expected<Target> parse_target(std::string_view text) {
  const std::string_view whole = text;
  if (text.starts_with("unix:")) {
    std::string_view path = text.substr(5);
    if (path.starts_with("//")) path.remove_prefix(2);
    if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) {
      return usage_error(fmt::format("TARGET: \"{}\" is not unix:PATH with 1 to 107 bytes", whole));
    }
    return Target{Target::Kind::unix_stream, std::string(path), 0};
  }
  const auto kind = kind_of(text);
  if (kind != Target::Kind::tcp || text.starts_with("tcp://")) text.remove_prefix(6);
  if (text.find("://") != std::string_view::npos) {
    return usage_error(fmt::format(
        "TARGET: \"{}\" is of no kind known here (tcp://, tls://, udp://, unix:)", whole));
  }
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return usage_error(fmt::format("TARGET: \"{}\" is not HOST:PORT or unix:PATH", whole));
  }
  const Expected<std::uint16_t> port = parse_port(text.substr(colon + 1), whole);
  if (!port) return port.error();
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return Target{kind, std::string(host), *port};
}

std::string to_string(const Target& target) {
  if (target.kind == Target::Kind::unix_stream) return "unix:" + target.host;
  const bool v6 = target.host.find(':') != std::string::npos;
  const char* scheme = target.kind == Target::Kind::tls   ? "tls://"
                       : target.kind == Target::Kind::udp ? "udp://"
                                                          : "";
  return fmt::format("{}{}{}{}:{}", scheme, v6 ? "[" : "", target.host, v6 ? "]" : "", target.port);
}

bool is_local(const Address& address) {
  if (address.storage.ss_family == AF_UNIX) return true;
  if (address.storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address.storage, sizeof v4);
    return is_local_v4(ntohl(v4.sin_addr.s_addr));
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address.storage, sizeof v6);
  return is_local_v6(v6.sin6_addr);
}

Expected<std::vector<Address>> resolve(const Target& target, bool allow_remote) {
  if (target.kind == Target::Kind::unix_stream) return std::vector{unix_address(target.host)};
  Expected<std::vector<Address>> addresses = look_up(target);
  if (!addresses) return addresses;
  for (const Address& address : *addresses) {
    if (allow_remote || is_local(address)) continue;
    return usage_error(fmt::format(
        "TARGET: {} is a public address, and load on somebody else's machine is an attack; "
        "--allow-remote says that it is yours",
        to_string(target)));
  }
  return addresses;
}

}  // namespace contend::loadgen
