#include "loadgen/cause.hpp"

#include <numeric>

namespace contend::loadgen {
namespace {

struct Words {
  std::string_view name;
  std::string_view what;
};

constexpr std::array<Words, cause_count> words{{
    {"connect_refused", "the server refused the connection"},
    {"connect_timeout", "the connection was not made before the timeout"},
    {"connect_failed", "the connection could not be made"},
    {"local_exhausted", "this machine ran out of ports, descriptors or memory"},
    {"tls_failed", "the TLS handshake failed"},
    {"starved", "the client was never served before its timeout"},
    {"closed", "the server closed the connection with answers outstanding"},
    {"reset", "the server reset the connection"},
    {"broken", "the connection broke"},
    {"timeout", "an answer did not come before the timeout"},
    {"lost", "a datagram, or the answer to it, did not come before the timeout"},
    {"corrupt", "wrong bytes came back"},
    {"truncated", "bytes are missing"},
    {"duplicated", "bytes came back twice"},
    {"reordered", "a later message came back before an earlier one"},
    {"foreign", "bytes of another client came back"},
    {"unexpected", "an answer is not what the script expects"},
    {"surplus", "bytes came back that were never sent"},
}};

}  // namespace

std::string_view name_of(Cause cause) {
  return words[static_cast<std::size_t>(cause)].name;
}

std::string_view describe(Cause cause) {
  return words[static_cast<std::size_t>(cause)].what;
}

std::array<Cause, cause_count> all_causes() {
  std::array<Cause, cause_count> causes{};
  for (std::size_t i = 0; i < cause_count; ++i) causes[i] = static_cast<Cause>(i);
  return causes;
}

std::uint64_t CauseCounts::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

void CauseCounts::merge(const CauseCounts& other) {
  for (std::size_t i = 0; i < cause_count; ++i) counts_[i] += other.counts_[i];
}

}  // namespace contend::loadgen
