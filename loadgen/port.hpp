// Ports of this machine, seen without connecting: which are free, and which somebody listens on.
#pragma once

#include <cstdint>
#include <filesystem>

#include "core/expected.hpp"

namespace contend::loadgen {

/// A loopback port that nobody uses now, outside the range from which the kernel takes ports for
/// outgoing connections. Errors: none found.
Expected<std::uint16_t> free_port();

/// Whether a TCP socket of this machine listens on `port`, from /proc: a probe by connecting would
/// be a client, and a server that serves one client at a time would serve it first.
bool is_listening(std::uint16_t port);

/// Whether a UDP socket is bound to `port`.
bool is_bound(std::uint16_t port);

/// The same for a Unix socket.
bool is_listening(const std::filesystem::path& path);

}  // namespace contend::loadgen
