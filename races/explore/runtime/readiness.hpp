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

/// What goes through the network stack may arrive a moment after it was sent.
void internet_was_used();
bool was_internet_used();

}  // namespace contend::explore
