// What a strategy sees when it has to pick: who could go on, and what each would do. It never sees
// the program, so strategies are tested without one.
#pragma once

#include <cstdint>

#include "races/explore/protocol.hpp"

namespace contend::explore {

struct Candidate {
  std::uint16_t thread = 0;
  Op op = Op::none;
  std::uint64_t object = 0;  ///< address the step is about; equal means dependent
  std::uint64_t step = 0;    ///< how many steps this thread has done: names the pending one
};

/// At least one candidate. If the running thread may go on it is the first; the others follow in
/// order of creation.
struct Situation {
  const Candidate* candidates = nullptr;
  std::uint32_t count = 0;
  bool may_continue = false;
  std::uint64_t step = 0;  ///< steps done by all threads so far
};

/// Two steps whose order can matter: same object, and one of them changes it.
constexpr bool dependent(const Candidate& a, const Candidate& b) {
  return a.object == b.object && (writes(a.op) || writes(b.op));
}

}  // namespace contend::explore
