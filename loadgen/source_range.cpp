#include "loadgen/source_range.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>

#include <fmt/format.h>

#include "core/units.hpp"

namespace contend::loadgen {
namespace {

// IP_LOCAL_PORT_RANGE of Linux 6.3, which the C library's headers lack. A socket that has a range
// of its own takes any port that is both in it and in the machine's; one without looks through
// every second port first, and through all of those in vain once half are taken.
constexpr int local_port_range = 51;
constexpr std::uint32_t every_port = 65535U << 16 | 1U;

}  // namespace

Expected<SourceRange> SourceRange::parse(std::string_view text) {
  const auto refuse = [&] {
    return usage_error(fmt::format("\"{}\" is not an IPv4 range as in 127.0.0.0/8", text));
  };
  const std::size_t slash = text.find('/');
  in_addr address{};
  if (::inet_pton(AF_INET, std::string(text.substr(0, slash)).c_str(), &address) != 1) {
    return refuse();
  }
  std::uint64_t bits = 32;
  if (slash != text.npos) {
    const auto parsed = parse_count(text.substr(slash + 1));
    if (!parsed || *parsed > 32 || *parsed < 1) return refuse();
    bits = *parsed;
  }
  SourceRange range;
  range.text_ = text;
  range.count_ = std::uint64_t{1} << (32 - bits);
  range.first_ = ntohl(address.s_addr) & static_cast<std::uint32_t>(~(range.count_ - 1));
  if (bits <= 30) {
    ++range.first_;
    range.count_ -= 2;
  }
  return range;
}

Address SourceRange::of(std::uint32_t client) const {
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl(first_ + static_cast<std::uint32_t>(client % count_));
  Address address;
  std::memcpy(&address.storage, &from, sizeof from);
  address.size = sizeof from;
  return address;
}

boost::system::error_code set_source(int socket, const std::optional<Address>& source) {
  // Neither is there for a Unix socket, nor in every kernel: then it goes as it went without.
  ::setsockopt(socket, IPPROTO_IP, local_port_range, &every_port, sizeof every_port);
  if (!source) return {};
  const int on = 1;
  ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  const auto* from = reinterpret_cast<const sockaddr*>(&source->storage);
  if (::bind(socket, from, source->size) == 0) return {};
  return {errno, boost::system::system_category()};
}

}  // namespace contend::loadgen
