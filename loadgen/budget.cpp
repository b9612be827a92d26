#include "loadgen/budget.hpp"

#include <cerrno>
#include <sys/resource.h>

#include <fmt/format.h>

namespace contend::loadgen {
namespace {

// Standard streams, epoll, timers, events and files of each thread, with room to spare.
constexpr std::uint64_t own_descriptors = 64;

}  // namespace

std::uint64_t descriptors_needed(std::uint64_t connections) {
  return connections + own_descriptors;
}

std::uint64_t descriptors_allowed() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_max;
}

Expected<void> check_descriptors(std::uint64_t connections) {
  const std::uint64_t needed = descriptors_needed(connections);
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

}  // namespace contend::loadgen
