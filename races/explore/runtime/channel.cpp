#include "races/explore/runtime/channel.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "races/explore/runtime/platform.hpp"
#include "races/explore/strategy/random.hpp"

namespace contend::explore {
namespace {

constexpr int most_descriptors = 4096;

// Which half of which socketpair a descriptor is: twice a number, plus one for the second half.
std::uint32_t halves[most_descriptors];
std::uint32_t pairs = 0;
bool inherited[most_descriptors];

// Beyond every address of the program, so that no lock is taken for a channel.
std::uint64_t object(std::uint64_t kind, std::uint64_t what) {
  return (1ULL << 62U) | (mix(what ^ (kind << 56U)) >> 3U);
}

struct Ports {
  std::uint64_t own = 0;
  std::uint64_t other = 0;
  bool known = false;
};

std::uint64_t port_of(const sockaddr_storage& address) {
  const auto* four = reinterpret_cast<const sockaddr_in*>(&address);
  const auto* six = reinterpret_cast<const sockaddr_in6*>(&address);
  return address.ss_family == AF_INET ? four->sin_port : six->sin6_port;
}

bool is_internet(const sockaddr_storage& address) {
  return address.ss_family == AF_INET || address.ss_family == AF_INET6;
}

Ports ports_of(int descriptor) {
  sockaddr_storage own{};
  sockaddr_storage other{};
  socklen_t size = sizeof own;
  const auto as_long = [](void* pointer) { return reinterpret_cast<long>(pointer); };
  if (kernel(SYS_getsockname, descriptor, as_long(&own), as_long(&size)) != 0) return {};
  if (!is_internet(own)) return {};
  size = sizeof other;
  if (kernel(SYS_getpeername, descriptor, as_long(&other), as_long(&size)) != 0) return {};
  return {port_of(own), port_of(other), true};
}

struct stat facts_of(int descriptor) {
  struct stat facts {};
  if (kernel(SYS_fstat, descriptor, reinterpret_cast<long>(&facts)) != 0) facts.st_mode = S_IFREG;
  return facts;
}

constexpr std::uint64_t from_first = 1;
constexpr std::uint64_t from_second = 2;
constexpr std::uint64_t pipe_kind = 3;
constexpr std::uint64_t event_kind = 4;
constexpr std::uint64_t port_kind = 5;
constexpr std::uint64_t listener_kind = 6;
constexpr std::uint64_t local_kind = 7;

std::uint64_t channel(int descriptor, bool written) {
  const struct stat facts = facts_of(descriptor);
  if (S_ISFIFO(facts.st_mode)) return object(pipe_kind, facts.st_ino);
  if (!S_ISSOCK(facts.st_mode)) return object(event_kind, static_cast<std::uint64_t>(descriptor));
  const std::uint32_t half = descriptor < most_descriptors ? halves[descriptor] : 0;
  if (half != 0) {
    const bool first = ((half & 1U) == 0) == written;
    return object(first ? from_first : from_second, half >> 1U);
  }
  const Ports ports = ports_of(descriptor);
  if (!ports.known) return object(local_kind, 0);
  const std::uint64_t from = written ? ports.own : ports.other;
  const std::uint64_t to = written ? ports.other : ports.own;
  return object(port_kind, (from << 16U) | to);
}

}  // namespace

bool can_wait(int descriptor) {
  const mode_t mode = facts_of(descriptor).st_mode;
  return S_ISFIFO(mode) || S_ISSOCK(mode) || (mode & S_IFMT) == 0;
}

std::uint64_t written_channel(int descriptor) {
  return channel(descriptor, true);
}

std::uint64_t read_channel(int descriptor) {
  return channel(descriptor, false);
}

std::uint64_t listener_channel(int descriptor) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  kernel(SYS_getsockname, descriptor, reinterpret_cast<long>(&own), reinterpret_cast<long>(&size));
  return is_internet(own) ? object(listener_kind, port_of(own)) : object(local_kind, 0);
}

std::uint64_t dialled_channel(const void* address, std::uint32_t size) {
  sockaddr_storage other{};
  copy_bytes(&other, address, size < sizeof other ? size : sizeof other);
  return is_internet(other) ? object(listener_kind, port_of(other)) : object(local_kind, 0);
}

void pair_descriptors(int a, int b) {
  if (a >= most_descriptors || b >= most_descriptors) return;
  ++pairs;
  halves[a] = pairs << 1U;
  halves[b] = (pairs << 1U) | 1U;
}

bool is_inherited(int descriptor) {
  return descriptor >= 0 && descriptor < most_descriptors && inherited[descriptor];
}

void note_inherited_descriptors(int memory, int commands) {
  constexpr int most_inherited = 256;
  for (int i = 0; i < most_inherited; ++i) {
    inherited[i] = i != memory && i != commands && kernel(SYS_fcntl, i, F_GETFD) >= 0;
  }
}

}  // namespace contend::explore
