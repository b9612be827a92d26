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

/// All connections of a thread have the same one, which is always in the cache: nothing in it is
/// needed once a callback has returned.
class SharedRoom {
 public:
  /// Of largest_read bytes.
  explicit SharedRoom(std::span<char> room) : room_(room) {}

  std::span<char> in() const { return room_; }
  std::span<char> out() const { return room_.first(largest_write); }

 private:
  std::span<char> room_;
};

}  // namespace contend::loadgen
