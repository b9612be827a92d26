#include "loadgen/port.hpp"

#include <arpa/inet.h>
#include <fstream>
#include <netinet/in.h>
#include <random>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

namespace contend::loadgen {
namespace {

bool can_bind(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return false;
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = ::bind(socket, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
  ::close(socket);
  return free;
}

constexpr const char* listening = "0A";
constexpr const char* unconnected = "07";

/// Lines of /proc/net/tcp and /proc/net/udp: "  0: 0100007F:1F90 00000000:0000 0A …".
bool is_in(const char* file, std::uint16_t port, const char* wanted) {
  const std::string ending = fmt::format(":{:04X}", port);
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string number, local, remote, state;
    words >> number >> local >> remote >> state;
    if (state == wanted && local.ends_with(ending)) return true;
  }
  return false;
}

}  // namespace

Expected<std::uint16_t> free_port() {
  std::random_device random;
  for (int attempt = 0; attempt < 100; ++attempt) {
    const auto port = static_cast<std::uint16_t>(20000 + random() % 12000);
    if (can_bind(port) && !is_listening(port) && !is_bound(port)) return port;
  }
  return world_error("no free port was found between 20000 and 32000");
}

bool is_listening(std::uint16_t port) {
  return is_in("/proc/net/tcp", port, listening) || is_in("/proc/net/tcp6", port, listening);
}

bool is_bound(std::uint16_t port) {
  return is_in("/proc/net/udp", port, unconnected) || is_in("/proc/net/udp6", port, unconnected);
}

/// Lines of /proc/net/unix: "Num RefCount Protocol Flags Type St Inode Path", flag 0x10000 =
/// listens.
bool is_listening(const std::filesystem::path& path) {
  std::ifstream lines("/proc/net/unix");
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string number, references, protocol, flags, type, state, inode, name;
    words >> number >> references >> protocol >> flags >> type >> state >> inode >> name;
    if (name == path.string() && flags == "00010000") return true;
  }
  return false;
}

}  // namespace contend::loadgen
