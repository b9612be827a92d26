// Why a message failed or a client was lost: the one list that the counters, the metric names and
// the findings share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace contend::loadgen {

enum class Cause {
  // The client never got through.
  connect_refused,
  connect_timeout,
  connect_failed,
  local_exhausted,  ///< no free port, descriptor or memory on our side: our fault, not the server's
  tls_failed,       ///< no handshake, or a certificate that we refuse
  starved,          ///< never served before its timeout
  // The connection broke.
  closed,   ///< the server closed with answers outstanding
  reset,    ///< the server reset it
  broken,   ///< any other error of a socket
  timeout,  ///< an answer did not come in time
  lost,     ///< no datagram came back in time: nobody can tell where it was lost
  // The bytes were wrong.
  corrupt,     ///< other bytes where ours should be, the rest in place
  truncated,   ///< bytes missing
  duplicated,  ///< bytes that had come before
  reordered,   ///< a later message before an earlier one
  foreign,     ///< bytes of another client
  unexpected,  ///< an answer that the script does not expect
  surplus,     ///< bytes that nobody sent, or more than was asked for
};

inline constexpr std::size_t cause_count = 18;

/// "connect_refused", as in the metric errors_connect_refused and the rule loadgen.connect_refused.
std::string_view name_of(Cause cause);

/// What happened, for people: "the server closed the connection with answers outstanding".
std::string_view describe(Cause cause);

/// Every cause, in the order of the enumeration.
std::array<Cause, cause_count> all_causes();

/// How often each cause was seen.
class CauseCounts {
 public:
  std::uint64_t& operator[](Cause cause) { return counts_[static_cast<std::size_t>(cause)]; }
  std::uint64_t operator[](Cause cause) const { return counts_[static_cast<std::size_t>(cause)]; }
  std::uint64_t total() const;
  void merge(const CauseCounts& other);

 private:
  std::array<std::uint64_t, cause_count> counts_{};
};

}  // namespace contend::loadgen
