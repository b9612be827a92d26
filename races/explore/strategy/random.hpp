// The explorer's own randomness: the same numbers for the same seed on every machine and library.
// Not for anything secret.
#pragma once

#include <cstdint>

namespace contend::explore {

/// One step of splitmix64 (Steele, Lea, Flood, OOPSLA 2014): a good hash of its argument.
constexpr std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

class Random {
 public:
  explicit constexpr Random(std::uint64_t seed = 0) : state_(mix(seed)) {}

  constexpr std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    return mix(state_);
  }

  /// Uniform in [0, bound); bound is at least 1.
  constexpr std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((next() >> 32U) * bound) >> 32U);
  }

 private:
  std::uint64_t state_;
};

}  // namespace contend::explore
