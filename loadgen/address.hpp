// Where a target is: what was typed, and the socket addresses it stands for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <vector>

#include "core/expected.hpp"

namespace contend::loadgen {

struct Target {
  enum class Kind { tcp, tls, udp, unix_stream };

  Kind kind = Kind::tcp;
  std::string host;  ///< or the path of a Unix socket
  std::uint16_t port = 0;
};

/// "HOST:PORT", "[::1]:PORT", "tcp://HOST:PORT", "tls://HOST:PORT", "udp://HOST:PORT", "unix:PATH".
Expected<Target> parse_target(std::string_view text);

/// As parse_target() reads it.
std::string to_string(const Target& target);

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

/// Looks a name up; every address it has, in the order in which to try them.
/// Errors: no such name (world); an address that is neither loopback nor private, without
/// `allow_remote` (usage).
Expected<std::vector<Address>> resolve(const Target& target, bool allow_remote);

/// Loopback, private (RFC 1918, RFC 4193) or link-local.
bool is_local(const Address& address);

}  // namespace contend::loadgen
