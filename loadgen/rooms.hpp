// Where the bytes of a connection are while it builds and looks at them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace contend::loadgen {

inline constexpr std::size_t largest_write = 65536;
/// One more, so that a read which takes all of such a write is seen to have done so.
inline constexpr std::size_t largest_read = largest_write + 1;

/// One's own: a system call may be under way with them.
class OwnRooms {
 public:
  OwnRooms(std::size_t in, std::size_t out) : in_(in), out_(out) {}

  std::span<char> in() { return in_; }
  std::span<char> out() { return out_; }

 private:
  std::vector<char> in_;
  std::vector<char> out_;
};

}  // namespace contend::loadgen
