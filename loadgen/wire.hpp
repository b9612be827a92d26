// What client and server agree on for a whole run: which bytes, how long, and whether we look at
// them.
#pragma once

#include <cstdint>

#include "loadgen/message_size.hpp"
#include "loadgen/payload.hpp"

namespace contend::loadgen {

/// Immutable during a run; shared by the clients of a thread.
struct Wire {
  Wire(PayloadKind kind, MessageSizes message_sizes, std::uint64_t run_seed, bool look)
      : payload(kind, run_seed), sizes(std::move(message_sizes)), seed(run_seed), verify(look) {}

  /// Every message is `given`.
  Wire(std::string given, bool look) : payload(given), sizes(given.size()), seed(0), verify(look) {}

  std::size_t size_of(MessageId id) const { return sizes.of(seed, id); }

  Payload payload;
  MessageSizes sizes;
  std::uint64_t seed;
  bool verify;  ///< false: count bytes only
};

}  // namespace contend::loadgen
