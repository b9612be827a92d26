#include "loadgen/budget.hpp"

#include <cerrno>
#include <fstream>
#include <sys/resource.h>

#include <fmt/format.h>

namespace contend::loadgen {
namespace {

// Standard streams, events and files, with room to spare.
constexpr std::uint64_t own_descriptors = 56;
// Two sets, a ring, an event and timers.
constexpr std::uint64_t descriptors_of_thread = 8;

}  // namespace

std::uint64_t descriptors_needed(std::uint64_t connections, std::uint32_t threads) {
  return connections + own_descriptors + threads * descriptors_of_thread;
}

std::uint64_t descriptors_allowed() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_max;
}

Expected<void> check_descriptors(std::uint64_t connections, std::uint32_t threads) {
  const std::uint64_t needed = descriptors_needed(connections, threads);
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (needed <= limit.rlim_cur) return {};
  if (needed > limit.rlim_max) {
    return world_error(fmt::format(
        "--connections {} needs {} descriptors, and this process may open {}; `ulimit -Hn {}` as "
        "root raises that",
        connections, needed, limit.rlim_max, needed));
  }
  limit.rlim_cur = needed;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
    return errno_error("raising the descriptor limit", errno);
  return {};
}

Expected<void> check_ports(std::uint64_t connections, const std::optional<SourceRange>& sources,
                           const std::vector<const Address*>& targets) {
  const bool local = targets.front()->storage.ss_family == AF_UNIX;
  for (const Address* each : targets) {
    if (!sources || each->storage.ss_family == AF_INET) continue;
    return usage_error("--source-ip: is a range of IPv4 and cannot reach a target that is not");
  }
  if (local) return {};
  std::uint64_t low = 32768;
  std::uint64_t high = 60999;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> low >> high;
  const std::uint64_t ports = high - low + 1;
  const std::uint64_t pairs = targets.size() * (sources ? sources->count() : 1);
  const std::uint64_t needed = (connections + pairs - 1) / pairs;
  if (needed <= ports) return {};
  const bool loopback = !sources && targets.front()->storage.ss_family == AF_INET;
  return world_error(fmt::format(
      "--connections {} needs {} ports of {} address towards each target, and there are {}; {} has "
      "more, or, as root, `sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\"`",
      connections, needed, sources ? "each" : "one", ports,
      loopback ? "`--source-ip 127.0.0.0/8`" : "a (larger) --source-ip range"));
}

}  // namespace contend::loadgen
