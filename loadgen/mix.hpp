// Bad clients on purpose: which kinds there are, and how many of each a run has beside its good
// ones.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/expected.hpp"

namespace contend::loadgen {

enum class Behaviour {
  normal,
  slow_reader,  ///< asks for much and reads it in sips
  dribble,      ///< sends a byte at a time
  fragments,    ///< sends pieces of random size
  half_close,   ///< closes its half after each message, and waits for the answer and the end
  reset,        ///< resets the connection in the middle of each message
  idle,         ///< connects and says nothing
  churn,        ///< connects anew after --churn messages
  storm,        ///< connects and resets at once, again and again
  big           ///< sends messages larger than all buffers between
};

inline constexpr std::array all_behaviours{
    Behaviour::normal,     Behaviour::slow_reader, Behaviour::dribble, Behaviour::fragments,
    Behaviour::half_close, Behaviour::reset,       Behaviour::idle,    Behaviour::churn,
    Behaviour::storm,      Behaviour::big};

/// "slow-reader", as --mix has it.
std::string_view name_of(Behaviour behaviour);

struct MixPart {
  Behaviour behaviour = Behaviour::normal;
  std::uint64_t weight = 0;
};

/// "normal=90,slow-reader=4": each kind at most once, normal among them.
Expected<std::vector<MixPart>> parse_mix(std::string_view text);

/// How many of `clients` each part gets, by weight; what does not divide goes to the normal ones,
/// and every part gets at least one. Errors: there are too few for that (usage).
Expected<std::vector<std::uint32_t>> divide(std::uint32_t clients, const std::vector<MixPart>& mix);

}  // namespace contend::loadgen
