// Waiting for descriptors, as a step of the scheduler.
#pragma once

#include <cstdint>
#include <poll.h>

namespace contend::explore {

inline constexpr short ready_to_read = POLLIN;
inline constexpr short ready_to_write = POLLOUT;

/// A step before a call on the descriptor. If `blocking`, it is taken when the call need not wait;
/// false when the socket's own timeout came first.
bool wait_until_ready(int descriptor, short events, bool blocking, std::uint64_t pc);

/// A call that would have had to wait, and did not want to. Whoever only looks at a timer must get
/// to where it expires: time passes.
void looked_in_vain(std::uint64_t pc, std::uint64_t object);

/// What goes through the network stack may arrive a moment after it was sent. From the first
/// internet_is_used() on, whatever is written or ended may be under way, until it was waited for.
void internet_is_used();
void something_was_sent();
bool may_be_under_way();
void nothing_is_under_way();

}  // namespace contend::explore
